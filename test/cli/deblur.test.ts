import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { PNG } from "pngjs";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { blur, deblurring, psnr } from "../../src/imaging/index.ts";
import { fista } from "../../src/rules/index.ts";
import { ascent } from "../imaging/ascent.ts";
import { call, callJson, mistake, scratch } from "./call.ts";

const { folder, file } = scratch();
const at = (name: string) => join(folder, name);

/** A PNG made by hand, as the specification has it: rows of raw bytes, each behind the filter "none". */
function png(
  header: { width: number; height: number; depth: number; colorType: number },
  rows: readonly (readonly number[])[],
  more: readonly (readonly [type: string, bytes: readonly number[]])[] = [],
): Uint8Array {
  const crc = (bytes: Uint8Array) => {
    let sum = -1;
    for (const byte of bytes) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum >>> 0;
  };
  const chunk = (type: string, bytes: ArrayLike<number>) => {
    const whole = Buffer.alloc(12 + bytes.length);
    whole.writeUInt32BE(bytes.length);
    whole.write(type, 4, "latin1");
    whole.set(bytes, 8);
    whole.writeUInt32BE(crc(whole.subarray(4, 8 + bytes.length)), 8 + bytes.length);
    return whole;
  };
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(header.width);
  ihdr.writeUInt32BE(header.height, 4);
  ihdr.set([header.depth, header.colorType, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", ihdr),
    ...more.map(([type, bytes]) => chunk(type, bytes)),
    chunk("IDAT", deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row])))),
    chunk("IEND", []),
  ]);
}

/** A PGM of bytes. */
const pgm = (width: number, height: number, values: ArrayLike<number>, most = 255) =>
  Buffer.concat([Buffer.from(`P5\n${width} ${height}\n${most}\n`), Buffer.from(Array.from(values))]);

/** A part of the test picture as a PGM, with its values from 0 to 1. */
function crop(name: string, width: number, height: number) {
  const values = ascent(width, height, 200, 160);
  return {
    path: file(
      name,
      pgm(
        width,
        height,
        values.map((value) => Math.round(255 * value)),
      ),
    ),
    values,
  };
}

describe("thalweg deblur", () => {
  const { path, values } = crop("crop.pgm", 96, 80);
  const trial = [path, "--blur", "gaussian:1.5", "--add-blur"];

  test("[deblurring] does what the library does, by the names of the API", async () => {
    const json = await callJson("deblur", ...trial, "--add-noise", "0.01", "--seed", "3");
    const size = { width: 96, height: 80 };
    const operator = blur({ kind: "gaussian", sigma: 1.5 }, size);
    const random = new Random(3);
    const observed = Float64Array.from(operator.apply(values), (value) => value + 0.01 * random.normal());
    const learningRate = 1 / operator.spectrum()![0];
    const { x, steps, value } = minimize(deblurring(operator, observed), {
      rule: fista({ learningRate, lower: 0, upper: 1, restart: true }),
      start: observed,
      precision: "f32",
      gradientTolerance: 0,
      callback: (step) => Math.sqrt((2 * step.value) / observed.length) <= 0.01,
    });
    expect(json).toMatchObject({
      ...size,
      file: path,
      depth: 8,
      channels: ["grey"],
      alpha: false,
      blur: { kind: "gaussian", sigma: 1.5, rows: 13, columns: 13, separable: true },
      boundary: "reflecting",
      bounds: "range",
      method: "fista",
      tikhonov: 0,
      noise: 0.01,
      lambdaMaxFrom: "transform",
      learningRate,
    });
    expect(json.runs).toEqual([
      {
        channel: "grey",
        steps,
        reason: "noise",
        residual: Math.sqrt(2 * value) / Math.sqrt(observed.length),
      },
    ]);
    const clip = (image: Float64Array) => image.map((entry) => Math.min(1, Math.max(0, entry)));
    expect(json.psnr.before).toBeCloseTo(psnr(clip(observed), values), 12);
    expect(json.psnr.after).toBeCloseTo(psnr(x, values), 12);
    expect(json.psnr.after).toBeGreaterThan(json.psnr.before + 1.5);
    expect(json.message).toMatch(
      /fista stopped after \d+ steps, where what is left, 0\.0\d+ a pixel, is about the noise of 0\.01/,
    );
  });

  test("[deblurring] writes the sharper image, and tells in words what it did", async () => {
    const out = at("sharper.png");
    const { code, out: text, err } = await call("deblur", ...trial, "--tikhonov", "1e-3", "--save", out);
    expect([code, err]).toEqual([0, ""]);
    expect(text).toMatch(
      /crop\.pgm: 96 × 80 pixels, grey, 8 bits\ngaussian:1\.5 at reflecting edges, 13 × 13 weights in two passes\n/,
    );
    expect(text).toMatch(/fista converged after \d+ steps/);
    expect(text).toMatch(
      / {2}L +1 +‖A‖², from the kernel's transform\n {2}learning rate +0\.999 +1\/\(L \+ tikhonov\)\n/,
    );
    const [, before, after] = /PSNR before +([\d.]+) dB\n +PSNR after +([\d.]+) dB/.exec(text)!;
    expect(text.endsWith(`\n\n${out} written.\n`)).toBe(true);
    const written = PNG.sync.read(readFileSync(out));
    expect([written.width, written.height]).toEqual([96, 80]);
    const grey = Float64Array.from(values, (_, k) => written.data[4 * k] / 255);
    // The file is rounded to 8 bits.
    expect(psnr(grey, values)).toBeCloseTo(Number(after), 1);
    expect(Number(after)).toBeGreaterThan(Number(before) + 3);
    for (const line of text.split("\n").slice(1, -2)) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("measures L by power iteration where no transform tells it, and says when nothing told it to stop", async () => {
    const { out } = await call("deblur", path, "--blur", "motion:9,25", "--add-blur", "--steps", "15");
    expect(out).toMatch(/ {2}L +1\.0\d+ +‖A‖², by power iteration\n/);
    expect(out.replaceAll("\n", " ")).toMatch(
      /fista stopped after 15 steps, and nothing told it when: .* --noise X .* --tikhonov X/,
    );
    const operator = blur({ kind: "motion", length: 9, angle: 25 }, { width: 96, height: 80 });
    expect(operator.spectrum()).toBeUndefined();
  });

  test("takes every method, boundary and bound, and tells what stopped it", async () => {
    const periodic = await callJson(
      "deblur",
      ...trial,
      "--boundary",
      "periodic",
      "--method",
      "gradient-descent",
      "--bounds",
      "none",
    );
    expect(periodic).toMatchObject({ boundary: "periodic", method: "gradient-descent", bounds: "none" });
    expect(periodic.runs[0]).toMatchObject({ steps: 50, reason: "steps" });
    expect(periodic.psnr.after).toBeGreaterThan(periodic.psnr.before + 2);
    for (const bounds of ["non-negative", "range"]) {
      for (const method of ["gradient-descent", "fista"]) {
        const found = await callJson(
          "deblur",
          ...trial,
          "--bounds",
          bounds,
          "--method",
          method,
          "--steps",
          "10",
        );
        expect(found.psnr.after).toBeGreaterThan(found.psnr.before);
      }
    }
    const tooQuiet = await callJson(
      "deblur",
      ...trial,
      "--add-noise",
      "0.02",
      "--noise",
      "1e-6",
      "--steps",
      "20",
    );
    expect(tooQuiet.message).toMatch(
      /without coming down to the noise of 1e-6: .* it is another blur, or there is more noise/,
    );
    const loud = await callJson("deblur", ...trial, "--noise", "0.9");
    expect(loud.runs[0]).toMatchObject({ steps: 0, reason: "noise" });
    expect(loud.message).toMatch(
      /^No step was taken: blurring the image once more changes it by no more than the noise of 0\.9/,
    );
    const short = await callJson("deblur", ...trial, "--tikhonov", "1e-4", "--steps", "5");
    expect(short.message).toBe("fista stopped after 5 steps, before it converged: --steps allows more.");
  });

  test("works on each colour by itself, and leaves transparency as it is", async () => {
    const [width, height] = [24, 20];
    const random = new Random(5);
    const byte = () => random.below(256);
    const channels = Array.from({ length: 4 }, () => Array.from({ length: width * height }, byte));
    const rows = Array.from({ length: height }, (_, i) =>
      Array.from({ length: width }, (__, j) => channels.map((channel) => channel[i * width + j])).flat(),
    );
    const coloured = file("coloured.png", png({ width, height, depth: 8, colorType: 6 }, rows));
    const args = ["--blur", "defocus:1.2", "--tikhonov", "0.01", "--steps", "7", "--save"];
    const json = await callJson("deblur", coloured, ...args, at("coloured-out.png"));
    expect(json).toMatchObject({ channels: ["red", "green", "blue"], alpha: true });
    expect(json.runs.map(({ channel }: { channel: string }) => channel)).toEqual(["red", "green", "blue"]);
    const { data } = PNG.sync.read(readFileSync(at("coloured-out.png")));
    for (const [c, channel] of channels.slice(0, 3).entries()) {
      const alone = file(`channel${c}.pgm`, pgm(width, height, channel));
      await call("deblur", alone, ...args, at(`channel${c}-out.pgm`));
      const own = readFileSync(at(`channel${c}-out.pgm`)).subarray(-width * height);
      expect(Array.from(own, (_, k) => data[4 * k + c])).toEqual(Array.from(own));
    }
    expect(channels[3].map((_, k) => data[4 * k + 3])).toEqual(channels[3]);
  });

  test("explains itself", async () => {
    const { out } = await call("deblur", "--help");
    expect(out).toMatch(/^thalweg deblur image\.png/);
    expect(out).toMatch(/--save FILE +write the sharper image: \.png, \.pgm or \.ppm/);
    for (const line of out.split("\n")) expect([...line].length).toBeLessThanOrEqual(80);
    expect((await call("help", "deblur")).out).toBe(out);
  });
});

describe("images of every kind come back as they were where no step is taken", () => {
  const unmoved = async (name: string, bytes: Uint8Array, ending = ".png") => {
    const out = at(`${name}-out${ending}`);
    const { code, err } = await call(
      "deblur",
      file(name, bytes),
      "--blur",
      "motion:1",
      "--steps",
      "0",
      "--save",
      out,
    );
    expect([code, err]).toEqual([0, ""]);
    return readFileSync(out);
  };
  /** Colour type and depth of a PNG, from its header, and its pixels as they stand behind the filter. */
  const kindOf = (bytes: Uint8Array) => [bytes[25], bytes[24]];
  const pixels = (bytes: Buffer) => Array.from(PNG.sync.read(bytes, { skipRescale: true } as object).data);
  const wide = (values: readonly number[]) => values.flatMap((value) => [value >> 8, value & 255]);

  test.each([
    [
      "grey",
      0,
      8,
      [
        [0, 1, 255],
        [17, 128, 254],
      ],
    ],
    [
      "grey with transparency",
      4,
      8,
      [
        [0, 255, 1, 7, 255, 0],
        [17, 3, 128, 200, 254, 255],
      ],
    ],
    [
      "colour",
      2,
      8,
      [
        [0, 1, 2, 3, 4, 5, 6, 7, 8],
        [250, 251, 252, 253, 254, 255, 90, 91, 92],
      ],
    ],
    [
      "colour with transparency",
      6,
      8,
      [
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        [0, 0, 0, 0, 255, 255, 255, 255, 7, 8, 9, 0],
      ],
    ],
    ["grey of 16 bits", 0, 16, [wide([0, 1, 65535]), wide([4660, 256, 255])]],
    [
      "grey of 16 bits with transparency",
      4,
      16,
      [wide([0, 65535, 1, 2, 65535, 3]), wide([4660, 0, 256, 255, 255, 256])],
    ],
    [
      "colour of 16 bits",
      2,
      16,
      [wide([0, 1, 2, 300, 400, 500, 65533, 65534, 65535]), wide([9, 8, 7, 6, 5, 4, 3, 2, 1])],
    ],
    [
      "colour of 16 bits with transparency",
      6,
      16,
      [
        wide([0, 1, 2, 3, 300, 400, 500, 600, 65532, 65533, 65534, 65535]),
        wide([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 256, 512]),
      ],
    ],
  ] as const)("a PNG in %s", async (name, colorType, depth, rows) => {
    const bytes = png({ width: 3, height: 2, depth, colorType }, rows);
    const out = await unmoved(`${name.replaceAll(" ", "-")}.png`, bytes);
    expect(kindOf(out)).toEqual([colorType, depth]);
    expect(pixels(out)).toEqual(pixels(Buffer.from(bytes)));
  });

  test("a PNG of 1 bit, of 4 bits, with a palette, with a colour that is transparent", async () => {
    const oneBit = await unmoved(
      "one.png",
      png({ width: 3, height: 2, depth: 1, colorType: 0 }, [[0b01000000], [0b10100000]]),
    );
    expect(kindOf(oneBit)).toEqual([0, 8]);
    expect(pixels(oneBit).filter((_, k) => k % 4 === 0)).toEqual([0, 255, 0, 255, 0, 255]);
    const fourBit = await unmoved("four.png", png({ width: 2, height: 1, depth: 4, colorType: 0 }, [[0x3f]]));
    expect(pixels(fourBit)).toEqual([51, 51, 51, 255, 255, 255, 255, 255]);
    const palette = [
      ["PLTE", [10, 20, 30, 200, 100, 0]],
      ["tRNS", [128]],
    ] as const;
    const paletted = await unmoved(
      "palette.png",
      png({ width: 2, height: 1, depth: 8, colorType: 3 }, [[1, 0]], palette),
    );
    expect(kindOf(paletted)).toEqual([6, 8]);
    expect(pixels(paletted)).toEqual([200, 100, 0, 255, 10, 20, 30, 128]);
    const clear = await unmoved(
      "clear.png",
      png({ width: 2, height: 1, depth: 8, colorType: 0 }, [[7, 9]], [["tRNS", [0, 7]]]),
    );
    expect(kindOf(clear)).toEqual([4, 8]);
    expect(pixels(clear)).toEqual([0, 0, 0, 0, 9, 9, 9, 255]);
  });

  test("PGM and PPM, as text and as bytes, with comments, of 8 and 16 bits", async () => {
    const text = "P2 # a comment\n3 # columns\n2\n# and the largest value\n15\n0 15 1\n2 3 4\n";
    const fromText = await unmoved("text.pgm", Buffer.from(text), ".pgm");
    expect(fromText.toString("latin1")).toBe(`P5\n3 2\n255\n${String.fromCharCode(0, 255, 17, 34, 51, 68)}`);
    const sixteen = Buffer.concat([Buffer.from("P5 2 1 65535\n"), Buffer.from([1, 2, 255, 254])]);
    expect((await unmoved("sixteen.pgm", sixteen, ".pgm")).subarray(-4)).toEqual(
      Buffer.from([1, 2, 255, 254]),
    );
    const colour = Buffer.concat([Buffer.from("P6\n2 1\n255\n"), Buffer.from([1, 2, 3, 4, 5, 6])]);
    expect(await unmoved("colour.ppm", colour, ".ppm")).toEqual(colour);
    expect(pixels(await unmoved("colour2.ppm", Buffer.from("P3 2 1 255 1 2 3 4 5 6")))).toEqual([
      1, 2, 3, 255, 4, 5, 6, 255,
    ]);
    // Grey in a file of colours.
    const grey = await unmoved("grey.pgm", pgm(2, 1, [7, 8]), ".ppm");
    expect(grey.subarray(-6)).toEqual(Buffer.from([7, 7, 7, 8, 8, 8]));
  });

  test("values that the descent takes beyond black and white are written as these", async () => {
    const edge = Float64Array.from({ length: 400 }, (_, k) => (k % 20 < 10 ? 0 : 255));
    const out = at("edge-out.pgm");
    const args = ["--blur", "kernel:", "--bounds", "none", "--steps", "30", "--save", out];
    const kernel = file("sharp.csv", "0,-0.1,0\n-0.1,1.4,-0.1\n0,-0.1,0\n");
    args[1] += kernel;
    await call("deblur", file("edge.pgm", pgm(20, 20, edge)), ...args);
    const written = readFileSync(out).subarray(-400);
    expect(Math.min(...written)).toBe(0);
    expect(written[9]).toBeGreaterThan(0);
    expect(written[10]).toBeLessThan(255);
  });
});

describe("a kernel from a file", () => {
  const { path } = crop("kernel-crop.pgm", 40, 30);
  const with_ = async (kernel: string) =>
    callJson("deblur", path, "--blur", `kernel:${kernel}`, "--add-blur", "--steps", "5");

  test("is an image's brightness, or a table of weights", async () => {
    const box = pgm(3, 3, new Array(9).fill(40));
    const image = await with_(file("box.pgm", box));
    const table = await with_(
      file(
        "box.csv",
        Array.from({ length: 3 }, () => "0.1111111111111111,0.1111111111111111,0.1111111111111111").join(
          "\n",
        ),
      ),
    );
    expect(image.blur).toEqual({ kind: "kernel", rows: 3, columns: 3, separable: true });
    expect(image.psnr.after).toBeCloseTo(table.psnr.after, 3);
    expect(image.psnr.after).toBeGreaterThan(image.psnr.before + 1);
  });

  test("that is none is refused, with the place", async () => {
    const wrong = async (kernel: string) =>
      mistake("deblur", path, "--blur", `kernel:${kernel}`, "--add-blur");
    expect(await wrong("nowhere.csv")).toBe("thalweg: cannot read nowhere.csv: there is no such file\n");
    expect(await wrong(file("words.csv", "1,2,x\n"))).toMatch(
      /words\.csv, row 1, weight 3 must be a number in \(−∞, ∞\), got "x"/,
    );
    expect(await wrong(file("empty.csv", "\n"))).toMatch(/empty\.csv holds no weights/);
    expect(await wrong(file("even.csv", "1,2\n"))).toMatch(
      /--blur: weights must have an odd number of rows and of columns/,
    );
    expect(await wrong(file("black.pgm", pgm(1, 1, [0])))).toMatch(
      /black\.pgm is black; a kernel needs a weight above 0/,
    );
    expect(await wrong(file("red.ppm", Buffer.from("P3 1 1 255 1 2 3")))).toMatch(
      /red\.ppm has colours; a kernel must be grey/,
    );
  });
});

describe("what is wrong is told, and nothing is written", () => {
  const { path } = crop("small.pgm", 12, 10);
  const out = ["--save", at("never.png")];
  const wrong = (...args: string[]) => mistake("deblur", path, ...args);
  const ofFile = async (name: string, bytes: string | Uint8Array) =>
    mistake("deblur", file(name, bytes), "--blur", "gaussian:1", ...out);

  test.each<readonly [readonly string[], RegExp]>([
    [[], /--blur is needed: gaussian:SIGMA/],
    [
      ["--blur", "gaussian:1"],
      /--save is needed: the file that the sharper image goes to; or try it on a sharp one with --add-blur/,
    ],
    [["--blur", "gausian:1", ...out], /--blur: unknown blur "gausian"; did you mean gaussian\?/],
    [["--blur", "gaussian", ...out], /--blur must be gaussian:SIGMA, got "gaussian"/],
    [["--blur", "gaussian:", ...out], /--blur must be gaussian:SIGMA, got "gaussian:"/],
    [["--blur", "gaussian:1,2", ...out], /--blur must be gaussian:SIGMA, got "gaussian:1,2"/],
    [["--blur", "motion:1,2,3", ...out], /--blur must be motion:LENGTH or motion:LENGTH,ANGLE/],
    [["--blur", "kernel", ...out], /--blur must be kernel:FILE/],
    [["--blur", "gaussian:wide", ...out], /--blur: sigma must be a number in \(−∞, ∞\), got "wide"/],
    [["--blur", "gaussian:-1", ...out], /--blur: sigma must lie in \(0, ∞\), got -1/],
    [
      ["--blur", "gaussian:3", ...out],
      /--blur: the kernel has 25 rows and 25 columns, more than the image of 10 × 12/,
    ],
    [["--blur", "motion:0.5", ...out], /--blur: length must lie in \[1, ∞\), got 0\.5/],
    [
      ["--blur", "gaussian:1", "--boundary", "zero", ...out],
      /--boundary must be reflecting or periodic, got "zero"/,
    ],
    [
      ["--blur", "gaussian:1", "--method", "adam", ...out],
      /--method must be fista or gradient-descent, got "adam"/,
    ],
    [
      ["--blur", "gaussian:1", "--bounds", "box", ...out],
      /--bounds must be range, non-negative or none, got "box"/,
    ],
    [["--blur", "gaussian:1", "--tikhonov=-1", ...out], /--tikhonov must be a number in \[0, ∞\)/],
    [["--blur", "gaussian:1", "--noise", "0", ...out], /--noise must be a number in \(0, ∞\), got "0"/],
    [["--blur", "gaussian:1", "--steps", "1.5", ...out], /--steps must be a number in the integers from 0/],
    [
      ["--blur", "gaussian:1", "--add-noise", "0.1", ...out],
      /--add-noise needs --add-blur: it is for sharp images/,
    ],
    [["--blur", "gaussian:1", "--seed", "1", ...out], /--seed needs --add-blur/],
    [["--blur", "gaussian:1", "--save", at("x.jpg")], /--save: .*x\.jpg must end in \.png, \.pgm or \.ppm/],
    [["--blur", "gaussian:1", "--save", at("no/x.png")], /--save: cannot write .*: there is no such folder/],
    [["--blur", "gaussian:1", "--save", path], /--save would overwrite the image/],
    [["--kernel", "x"], /unknown option --kernel; did you mean --blur\?/],
    [["--target", "y"], /unknown option --target: it belongs to another command/],
    [["other.png", "--blur", "gaussian:1"], /deblur: one file expected, got also "other\.png"/],
  ])("%j", async (args, message) => expect(await wrong(...args)).toMatch(message));

  test("no image, or one that is not there, a folder, a text, another format", async () => {
    expect(await mistake("deblur", "--blur", "gaussian:1")).toMatch(
      /deblur: an image is needed; see thalweg deblur --help/,
    );
    expect(await mistake("deblur", "nowhere.png", "--blur", "gaussian:1", ...out)).toBe(
      "thalweg: cannot read nowhere.png: there is no such file\n",
    );
    expect(await mistake("deblur", folder, "--blur", "gaussian:1", ...out)).toMatch(/it is a folder/);
    expect(await ofFile("text.png", "this is no image\n")).toMatch(
      /text\.png: it is no image: neither PNG nor PGM nor PPM/,
    );
    expect(await ofFile("empty.png", "")).toMatch(/it is no image/);
    expect(await ofFile("photo.png", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16))).toMatch(
      /it is a JPEG; PNG, PGM and PPM are read: convert it first/,
    );
    expect(await mistake("debluur")).toMatch(/unknown command "debluur"; did you mean deblur\?/);
  });

  test("a PNG that is cut off, damaged, or says that it is huge", async () => {
    const whole = png({ width: 3, height: 2, depth: 8, colorType: 0 }, [
      [1, 2, 3],
      [4, 5, 6],
    ]);
    for (const length of [8, 20, 40, whole.length - 20]) {
      expect(await ofFile(`cut${length}.png`, whole.slice(0, length))).toMatch(
        /cannot read .*cut\d+\.png: \S/,
      );
    }
    const damaged = Uint8Array.from(whole);
    damaged[45] ^= 0xff;
    expect(await ofFile("damaged.png", damaged)).toMatch(/cannot read .*damaged\.png: \S/);
    const huge = png({ width: 1e6, height: 1e6, depth: 8, colorType: 0 }, [[1]]);
    expect(await ofFile("huge.png", huge)).toMatch(
      /its 1000000 × 1000000 pixels are more than the 100 million that there is room for/,
    );
    expect(await ofFile("flat.png", png({ width: 0, height: 4, depth: 8, colorType: 0 }, [[]]))).toMatch(
      /it has no pixels/,
    );
  });

  test.each([
    ["P5 3 2 255\n12345", /it ends early: 3 × 2 pixels take 6 bytes, and there are 5/],
    ["P2 2 1 9\n3 10\n", /value 2 of 2 is 10, more than the 9 that it says is the largest/],
    ["P2 2 1 9\n3\n", /value 2 of 2 is missing or no whole number/],
    ["P2 2 x 9\n3 4\n", /its height is missing or no whole number/],
    ["P5 2 1 0\nab", /its largest value is 0; it must lie from 1 to 65535/],
    ["P5 2 1 70000\nabcd", /its largest value is 70000/],
    ["P5 99999999999 1 255\n", /its width is too large/],
    ["P5 20000 20000 255\n", /more than the 100 million/],
    ["P5 # no end of a comment", /its width is missing/],
  ] as const)("a PGM such as %j", async (text, message) => {
    expect(await ofFile("wrong.pgm", text)).toMatch(message);
  });

  test("colours or transparency that a file could not hold", async () => {
    const colour = file("c.ppm", Buffer.from(`P6 9 9 255\n${"abc".repeat(81)}`));
    const into = (name: string, image: string) =>
      mistake("deblur", image, "--blur", "gaussian:1", "--save", at(name));
    expect(await into("c.pgm", colour)).toMatch(
      /\.pgm files hold no colours, which this image has; use \.png or \.ppm/,
    );
    const clear = file(
      "clear.png",
      png(
        { width: 9, height: 9, depth: 8, colorType: 4 },
        Array.from({ length: 9 }, () => new Array(18).fill(9)),
      ),
    );
    expect(await into("t.ppm", clear)).toMatch(
      /\.ppm files hold no transparency, which this image has; use \.png/,
    );
  });
});
