const PATHS = {
  layers: "M12 3 3 8l9 5 9-5-9-5ZM3 13l9 5 9-5",
  spark: "M12 3v5M12 16v5M3 12h5M16 12h5M6 6l3 3M15 15l3 3M18 6l-3 3M9 15l-3 3",
  chat: "M21 12a8 8 0 0 1-11.5 7.2L4 21l1.6-4.600A8 8 0 1 1 21 12Z",
  note: "M5 4h14v11l-5 5H5V4ZM14 20v-5h5",
  minimise: "M6 12h12",
  maximise: "M5 5h14v14H5V5Z",
  restore: "M5 9h10v10H5V9ZM9 9V5h10v10h-4",
  close: "m7 7 10 10M17 7 7 17",
  wave: "M3 12c3-6 6-6 9 0s6 6 9 0",
  plus: "M12 5v14M5 12h14",
  people:
    "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM3 20c0-3.300 2.700-6 6-6s6 2.700 6 6M15.500 4.300a3.500 3.500 0 0 1 0 6.400M17.500 14.500c2.100.8 3.500 2.900 3.500 5.500",
  window: "M4 5h16v14H4V5ZM4 9h16",
  windows: "M8 8h12v11H8V8ZM8 8V5h9v3M4 15V5",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  moon: "M20 14.500A8 8 0 0 1 9.500 4a8 8 0 1 0 10.500 10.500Z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 3v1.500M12 19.500V21M3 12h1.500M19.500 12H21M5.600 5.600l1.100 1.100M17.300 17.300l1.100 1.100M18.400 5.600l-1.100 1.100M6.700 17.300l-1.100 1.100",
  system: "M4 5h16v11H4V5ZM9 20h6M12 16v4",
  undo: "M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  redo: "m15 7 5 5-5 5M20 12H10a6 6 0 0 0-6 6",
  copy: "M9 9h10v11H9V9ZM5 15V4h10",
  check: "m5 12 5 5L19 7",
  move: "M12 3v18M3 12h18M12 3 9.500 5.500M12 3l2.500 2.500M12 21l-2.500-2.500M12 21l2.500-2.500M3 12l2.500-2.500M3 12l2.500 2.500M21 12l-2.500-2.500M21 12l-2.500 2.500",
  resize: "M20 10V4h-6M4 14v6h6M20 4l-7 7M4 20l7-7",
  pencil: "m4 20 1-4L16 5l3 3L8 19l-4 1ZM14 7l3 3",
  tile: "M4 4h7v16H4V4ZM14 4h6v7h-6V4ZM14 14h6v6h-6v-6Z",
  cascade: "M4 4h11v9H4V4ZM9 13v7h11v-9h-5",
  rotate: "M4 12a8 8 0 1 0 3-6.200M4 4v5h5",
  cursor: "m5 4 5.500 15 2.300-6.200L19 10.500 5 4Z",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12ZM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z",
  help: "M9 9a3 3 0 1 1 4.500 2.600c-1 .6-1.500 1.200-1.500 2.400M12 17.500h.01",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  remove: "M10 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM4 20c0-3.300 2.700-6 6-6s6 2.700 6 6M16 9h6",
  settings: "M4 7h9M17 7h3M15 4.500v5M4 17h3M11 17h9M9 14.500v5",
  home: "m4 11 8-7 8 7v9H4v-9ZM10 20v-6h4v6",
  arrow: "M5 12h14M13 6l6 6-6 6",
  front: "M8 4h12v12H8V4ZM4 8v12h12",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700L12 17",
  eyeOff:
    "M3 3l18 18M10.6 5.1A10 10 0 0 1 12 5c6 0 10 7 10 7a17 17 0 0 1-3.3 4M6.3 6.6A16 16 0 0 0 2 12s4 7 10 7a10 10 0 0 0 4.2-.9M9.9 9.900a3 3 0 0 0 4.2 4.2",
  stop: "M8 6h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2Z",
  up: "m6 14 6-6 6 6",
  down: "m6 10 6 6 6-6",
  left: "m14 6-6 6 6 6",
  right: "m10 6 6 6-6 6",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  reply: "m9 8-5 4 5 4M4 12h9a7 7 0 0 1 7 6",
  warn: "M12 4 2.5 20h19L12 4ZM12 10v4M12 17h.01",
  globe:
    "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17ZM3.500 12h17M12 3.500c2.500 2.500 3.500 5.300 3.500 8.500s-1 6-3.500 8.500c-2.500-2.500-3.500-5.300-3.500-8.500s1-6 3.500-8.500Z",
  toBottom: "M12 4v14m-6-6 6 6 6-6",
} as const;

export type IconName = keyof typeof PATHS;

/** A line icon with the size of one em. It is hidden from screen readers: the control around it has the name. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
