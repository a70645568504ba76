/** The first byte that the binary's own tables do not use: blocks are laid out from there. */
export function firstFreeByte(): usize {
  return __heap_base;
}
