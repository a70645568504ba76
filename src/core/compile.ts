import { instantiateSync } from "@assemblyscript/loader";
import { f32, f64 } from "./binaries.ts";
import type { Kernels } from "./kernels.ts";
import type { Precision } from "./precision.ts";

const binaries = { f32, f64 };
const modules: Partial<Record<Precision, WebAssembly.Module>> = {};

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** An instance of a precision's binary on `memory`. The binary is compiled once, on first use. */
export function instantiate(precision: Precision, memory: WebAssembly.Memory): Kernels {
  const module = (modules[precision] ??= new WebAssembly.Module(decode(binaries[precision])));
  const { instance } = instantiateSync(module, { env: { memory } });
  // Raw exports: the loader's wrapping would double the cost of a call.
  return instance.exports as unknown as Kernels;
}
