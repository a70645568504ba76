// Data that figures import come as their text.
declare module "*.csv" {
  const text: string;
  export default text;
}
