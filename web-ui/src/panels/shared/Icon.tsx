const paths = {
  layers: "M12 3 3 8l9 5 9-5-9-5ZM3 13l9 5 9-5",
  spark: "M12 3v5M12 16v5M3 12h5M16 12h5M6 6l3 3M15 15l3 3M18 6l-3 3M9 15l-3 3",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12ZM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z",
  eyeOff:
    "M3 3l18 18M10.6 5.1A10 10 0 0 1 12 5c6 0 10 7 10 7a17 17 0 0 1-3.3 4M6.3 6.6A16 16 0 0 0 2 12s4 7 10 7a10 10 0 0 0 4.2-.9M9.9 9.900a3 3 0 0 0 4.2 4.2",
  plus: "M12 5v14M5 12h14",
  stop: "M8 6h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2Z",
  up: "m6 14 6-6 6 6",
  down: "m6 10 6 6 6-6",
  left: "m14 6-6 6 6 6",
  right: "m10 6 6 6-6 6",
  pencil: "m4 20 1-4L16 5l3 3L8 19l-4 1ZM14 7l3 3",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  copy: "M9 9h10v11H9V9ZM5 15V4h10",
  check: "m5 12 5 5L19 7",
  retry: "M4 12a8 8 0 1 0 3-6.200M4 4v5h5",
  reply: "m9 8-5 4 5 4M4 12h9a7 7 0 0 1 7 6",
  x: "m7 7 10 10M17 7 7 17",
  warn: "M12 4 2.5 20h19L12 4ZM12 10v4M12 17h.01",
  toBottom: "M12 4v14m-6-6 6 6 6-6",
} as const;

export type IconName = keyof typeof paths;

/** A line icon of one em. Decoration only: the control around it carries the name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
