// Between matrices as blocks of parameters hold them (`real`, rows one behind the other) and as products take them (of T, both
// sides padded with zeros to whole panels).
import { bytesOf, panelled } from "./product";

/** Bytes of a padded matrix. */
// @ts-ignore: decorator
@inline
export function paddedBytes<T>(rows: i32, columns: i32): usize {
  return (<usize>panelled<T>(rows)) * bytesOf<T>(panelled<T>(columns));
}

/** Copies a matrix into a padded one. */
export function pad<T>(rows: i32, columns: i32, from: usize, to: usize): void {
  const pitch = bytesOf<T>(panelled<T>(columns));
  memory.fill(to, 0, paddedBytes<T>(rows, columns));
  for (let i = 0; i < rows; i++) {
    if (sizeof<T>() == sizeof<real>()) memory.copy(to, from, bytesOf<T>(columns));
    else for (let j = 0; j < columns; j++) store<T>(to + bytesOf<T>(j), <T>load<real>(from + bytesOf<real>(j)));
    from += bytesOf<real>(columns);
    to += pitch;
  }
}

/** Copies the transpose of a matrix into a padded one of `columns` rows. */
export function padTransposed<T>(rows: i32, columns: i32, from: usize, to: usize): void {
  const pitch = bytesOf<T>(panelled<T>(rows));
  memory.fill(to, 0, paddedBytes<T>(columns, rows));
  for (let i = 0; i < rows; i++) {
    let entry = to + bytesOf<T>(i);
    for (let j = 0; j < columns; j++) {
      store<T>(entry, <T>load<real>(from));
      from += sizeof<real>();
      entry += pitch;
    }
  }
}

/** Copies a padded matrix back. */
export function unpad<T>(rows: i32, columns: i32, from: usize, to: usize): void {
  const pitch = bytesOf<T>(panelled<T>(columns));
  for (let i = 0; i < rows; i++) {
    if (sizeof<T>() == sizeof<real>()) memory.copy(to, from, bytesOf<T>(columns));
    else for (let j = 0; j < columns; j++) store<real>(to + bytesOf<real>(j), <real>load<T>(from + bytesOf<T>(j)));
    from += pitch;
    to += bytesOf<real>(columns);
  }
}

/** Copies the transpose of a padded matrix of `columns` rows back. */
export function unpadTransposed<T>(rows: i32, columns: i32, from: usize, to: usize): void {
  const pitch = bytesOf<T>(panelled<T>(rows));
  for (let i = 0; i < rows; i++) {
    let entry = from + bytesOf<T>(i);
    for (let j = 0; j < columns; j++) {
      store<real>(to, <real>load<T>(entry));
      to += sizeof<real>();
      entry += pitch;
    }
  }
}

/** Copies the transpose of a padded square matrix. */
export function transpose<T>(order: i32, from: usize, to: usize): void {
  const padded = panelled<T>(order);
  const pitch = bytesOf<T>(padded);
  for (let i = 0; i < padded; i++) {
    let entry = to + bytesOf<T>(i);
    for (let p = from, end = from + pitch; p < end; p += sizeof<T>()) {
      store<T>(entry, load<T>(p));
      entry += pitch;
    }
    from += pitch;
  }
}
