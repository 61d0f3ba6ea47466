import { useReducer, type Reducer } from "react";
import type { ReactNode } from "react";

interface Props<T> {
  value: T;
  render?: (value: T) => ReactNode;
}

enum Kind {
  Small = 1,
  Large,
}

const identity = <T,>(value: T): T => value;

export default function Box<T>({ value, render }: Props<T>) {
  const [kind] = useReducer(((k: Kind) => k) as Reducer<Kind, [unknown]>, Kind.Small);
  return <div data-kind={kind satisfies Kind}>{render!(identity(value))}</div>;
}
