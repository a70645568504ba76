import { describe } from "../core/describe.ts";

/** Milliseconds between two turns of the event loop: with the step that is under way, an abort is heard within 20. */
export const TIME_SLICE = 12;

/** Throws unless `signal` is undefined or an AbortSignal. */
export function checkSignal(owner: string, signal: unknown): asserts signal is AbortSignal | undefined {
  if (signal === undefined) return;
  const { aborted, addEventListener } = Object(signal) as Partial<AbortSignal>;
  if (typeof aborted === "boolean" && typeof addEventListener === "function") return;
  throw new TypeError(`${owner}: signal must be an AbortSignal, got ${describe(signal)}`);
}

/** Those who wait for a turn, first come first served. */
const waiting = new Set<() => void>();
/** Whether a turn is on its way. */
let coming = false;
let schedule: ((turn: () => void) => void) | undefined;

/**
 * How this host runs a task once those that are due had theirs: timers, I/O, painting. Node's setImmediate does. In
 * pages and workers a message to oneself does, sent twice, for the first may arrive before a timer that was due;
 * timers would wait 4 ms themselves, and `scheduler.yield` lets none of them pass.
 */
function scheduler(): (turn: () => void) => void {
  if (typeof setImmediate === "function") return (turn) => void setImmediate(turn);
  if (typeof MessageChannel !== "function") return (turn) => void setTimeout(turn);
  const { port1, port2 } = new MessageChannel();
  const send = () => port2.postMessage(undefined);
  return (turn) => {
    port1.onmessage = () => {
      port1.onmessage = turn;
      send();
    };
    send();
  };
}

function summon(): void {
  if (coming) return;
  coming = true;
  schedule ??= scheduler();
  schedule(turn);
}

function turn(): void {
  coming = false;
  const [first] = waiting;
  first?.();
  if (waiting.size > 0) summon();
}

/**
 * Lets the event loop go round. However many wait, each round gives one of them its turn, so that all together
 * hold the loop up no longer than one; a signal that is aborted goes first.
 */
export function nextTurn(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      waiting.delete(go);
      signal?.removeEventListener("abort", go);
      resolve();
    };
    if (signal?.aborted) return go();
    waiting.add(go);
    signal?.addEventListener("abort", go);
    summon();
  });
}
