// Pictures that figures import come as their bytes.
declare module "*.pgm" {
  const bytes: Uint8Array;
  export default bytes;
}
