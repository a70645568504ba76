/** What every chart takes beside its data. */
export interface ChartOptions {
  /** Width of the drawing in its own units (text is 12 high); the picture itself scales. Default 760. */
  width?: number;
}
