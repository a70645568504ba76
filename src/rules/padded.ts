/** Bytes of a matrix padded to whole panels in either precision: what assembly/linear-algebra/padding.ts needs at most. */
export const paddedBytes = (rows: number, columns: number): number => 8 * (rows + 7) * (columns + 7);

/** Bytes of the panel that products work in: PANEL_BYTES of assembly/linear-algebra/product.ts. */
export const PANEL_BYTES = 16_384;
