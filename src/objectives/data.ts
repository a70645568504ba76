import { checkNumber } from "../core/check.ts";
import type { Kernels, Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import type { Precision } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { CompiledObjective, writeRecord } from "./compiled.ts";
import type { FeatureTable } from "./features.ts";
import type { BoundObjective, FisherKind, Objective } from "./objective.ts";

/** What an objective on rows of data is asked for. */
export interface DataForm {
  /** Rows of a batch at most; 0 where only all rows are evaluated. */
  readonly batchSize: number;
  /** What products are with. */
  readonly product: "hessian" | FisherKind;
  /** The weight of v in its product, besides what the rows give. */
  readonly shift: number;
}

/** What an objective on rows of data consists of. */
export interface DataParts<T extends Objective> {
  /** All but what follows from the rest. */
  readonly facts: Omit<T, "memory" | "bind" | "rows" | "withBatches" | "withFisher">;
  readonly rows: number;
  readonly l2: number;
  memory(precision: Precision, form: DataForm): readonly BlockRequest[];
  bind(workspace: Workspace, form: DataForm): BoundObjective;
}

/**
 * What is told of an objective with Fisher products. Nothing bounds them, so that a rate follows from what is measured; they
 * are the Hessian's where that is the same everywhere and the penalty is in both.
 */
function fisherFacts(
  { curvatureBound: _, curvatureFloor: __, ...facts }: Omit<Objective, "memory" | "bind">,
  kind: FisherKind,
  isHessian: boolean,
) {
  const name = `${facts.name}, ${kind} Fisher information`;
  return { ...facts, name, fisher: kind, quadratic: facts.quadratic && kind === "exact" && isHessian };
}

/** An objective on rows of data, with those on batches of them and with Fisher products that follow from it. */
export function dataObjective<T extends Objective>({ facts, rows, l2, memory, bind }: DataParts<T>): T {
  const make = (told: Omit<Objective, "memory" | "bind">, form: DataForm): Objective => ({
    ...told,
    rows,
    memory: (precision) => memory(precision, form),
    bind: (workspace) => bind(workspace, form),
    withFisher(kind, penalised) {
      const shift = penalised ? l2 : 0;
      return make(fisherFacts(facts, kind, shift === l2), { ...form, product: kind, shift });
    },
    withBatches(size) {
      checkNumber(
        "withBatches",
        "size",
        size,
        "the integers from 1",
        (n) => Number.isSafeInteger(n) && n >= 1,
      );
      return make(told, { ...form, batchSize: size });
    },
  });
  return make(facts, { batchSize: 0, product: "hessian", shift: l2 }) as T;
}

/**
 * The memory of rows: the record that the kernels read (of `length` words) with the blocks that have an
 * entry a row, once for all rows and, where there are batches, once for a batch.
 */
export function rowsMemory(
  length: number,
  perRow: (rows: number) => readonly BlockRequest[],
  rows: number,
  batchSize: number,
): BlockRequest[] {
  const blocks = (prefix: string, count: number): BlockRequest[] => [
    { name: `${prefix}data`, length, kind: "u32" },
    ...perRow(count).map((block) => ({ ...block, name: prefix + block.name })),
  ];
  if (batchSize === 0) return blocks("objective.", rows);
  return [
    ...blocks("objective.", rows),
    ...blocks("objective.batch.", batchSize),
    { name: "objective.batch.indices", length: batchSize, kind: "u32" },
  ];
}

/** How the rows of a data objective lie in memory. */
export interface RowsLayout {
  readonly table: FeatureTable;
  readonly form: DataForm;
  /** Elements from one row of the matrix to the next. */
  readonly stride: number;
  /** Sizes in the record after the number of rows, which comes first. */
  readonly sizes: readonly number[];
  /** Blocks with an entry a row, as they follow in the record: the matrix, the targets, and others. */
  readonly perRow: readonly [matrix: string, targets: string, ...others: string[]];
  /** The blocks that follow. */
  readonly shared: readonly string[];
  /** The kernel that gathers targets. */
  readonly gatherTargets: "gatherReals" | "gatherWords";
}

/** The memory of a batch. */
interface Batch {
  readonly data: Pointer;
  /** Its rows, in the record that the kernels read. */
  readonly record: Uint32Array;
  readonly indices: Uint32Array;
  readonly indicesAt: Pointer;
  readonly matrix: Pointer;
  readonly targets: Pointer;
  /** What is known of any batch: no rounding of a product is larger than these tell. */
  readonly extent: FeatureTable;
}

/** An objective on rows of data in a workspace, evaluated on all of them or on a batch. */
export abstract class BoundData extends CompiledObjective {
  protected readonly form: DataForm;
  /** 1 / the rows that the mean is over. */
  protected share: number;
  /** Rows, columns, trace and longest row, or bounds on them: what rounding depends on. */
  protected extent: FeatureTable;
  readonly #table: FeatureTable;
  readonly #stride: number;
  readonly #all: Pointer;
  readonly #matrix: Pointer;
  readonly #targets: Pointer;
  readonly #gatherTargets: Kernels["gatherReals"];
  readonly #batch: Batch | undefined;

  constructor(workspace: Workspace, dimension: number, layout: RowsLayout) {
    const { table, form, stride, sizes, perRow, shared, gatherTargets } = layout;
    const { batchSize } = form;
    super(workspace, dimension, [table.rows, ...sizes], [...perRow, ...shared]);
    const [matrix, targets] = perRow;
    this.form = form;
    this.share = 1 / table.rows;
    this.extent = table;
    this.#table = table;
    this.#stride = stride;
    this.#all = this.data;
    this.#matrix = workspace.pointer(`objective.${matrix}`);
    this.#targets = workspace.pointer(`objective.${targets}`);
    this.#gatherTargets = workspace.kernels[gatherTargets];
    if (batchSize > 0) {
      const blocks = [...perRow.map((name) => `batch.${name}`), ...shared];
      this.#batch = {
        data: writeRecord(workspace, "batch.data", [0, ...sizes], blocks),
        record: workspace.u32("objective.batch.data"),
        indices: workspace.u32("objective.batch.indices"),
        indicesAt: workspace.pointer("objective.batch.indices"),
        matrix: workspace.pointer(`objective.batch.${matrix}`),
        targets: workspace.pointer(`objective.batch.${targets}`),
        extent: { ...table, rows: batchSize, trace: table.longestRow ** 2 },
      };
    }
    table.copyInto(workspace.real(`objective.${matrix}`), stride);
  }

  selectRows(indices: Uint32Array | undefined): void {
    const batch = this.#batch;
    const { rows } = this.#table;
    if (indices === undefined) {
      this.data = this.#all;
      this.share = 1 / rows;
      this.extent = this.#table;
      return;
    }
    const most = batch?.indices.length ?? 0;
    const count = indices.length;
    if (!batch || count < 1 || count > most) {
      throw new RangeError(`selectRows: a batch must hold from 1 to ${most} rows here, got ${count}`);
    }
    for (let i = 0; i < count; i++) {
      if (!(indices[i] < rows)) {
        throw new RangeError(`selectRows: row ${indices[i]} of a batch does not exist: there are ${rows}`);
      }
    }
    batch.indices.set(indices);
    this.kernels.gatherRows(count, batch.indicesAt, this.#stride, this.#matrix, batch.matrix);
    this.#gatherTargets(count, batch.indicesAt, this.#targets, batch.targets);
    batch.record[0] = count;
    this.data = batch.data;
    this.share = 1 / count;
    this.extent = batch.extent;
  }
}
