/** The element type that a binary is built for: f64 or f32, bound by `use` in asconfig.json. */
declare type real = f64;
