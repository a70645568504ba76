import { testParity } from "./parity.ts";

testParity("f64");
