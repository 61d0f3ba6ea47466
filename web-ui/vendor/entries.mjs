// The specifiers that published apps may import, and the modules behind them.

/** Packages in the format of Node (CommonJS, UMD): the build writes a module with their names as exports. */
export const COMMON_JS = [
  "papaparse",
  "react",
  "react-dom",
  "react-dom/client",
  "react/jsx-dev-runtime",
  "react/jsx-runtime",
];

/** Modules. */
export const MODULES = [
  "canvas-confetti",
  "chart.js",
  "chart.js/auto",
  "chart.js/helpers",
  "clsx",
  "d3",
  "date-fns",
  "date-fns/locale",
  "lodash-es",
  "lucide-react",
  "marked",
  "motion",
  "motion/react",
  "nanoid",
  "recharts",
  "three",
  "three/addons/controls/OrbitControls.js",
  "three/addons/controls/PointerLockControls.js",
  "three/addons/geometries/RoundedBoxGeometry.js",
  "three/addons/loaders/GLTFLoader.js",
  "uuid",
  "zustand",
  "zustand/middleware",
  "zustand/react/shallow",
  "zustand/shallow",
];

/** Scripts without exports. */
export const SCRIPTS = ["@tailwindcss/browser"];

/** Other specifiers for the same modules: older names, and packages that are a part of another. */
export const ALIASES = {
  "d3-array": "d3",
  "d3-color": "d3",
  "d3-ease": "d3",
  "d3-force": "d3",
  "d3-format": "d3",
  "d3-geo": "d3",
  "d3-hierarchy": "d3",
  "d3-interpolate": "d3",
  "d3-scale": "d3",
  "d3-scale-chromatic": "d3",
  "d3-selection": "d3",
  "d3-shape": "d3",
  "d3-time": "d3",
  "d3-time-format": "d3",
  "d3-transition": "d3",
  "d3-zoom": "d3",
  "framer-motion": "motion/react",
  lodash: "lodash-es",
  "three/examples/jsm/controls/OrbitControls.js": "three/addons/controls/OrbitControls.js",
  "three/examples/jsm/controls/PointerLockControls.js": "three/addons/controls/PointerLockControls.js",
  "three/examples/jsm/geometries/RoundedBoxGeometry.js": "three/addons/geometries/RoundedBoxGeometry.js",
  "three/examples/jsm/loaders/GLTFLoader.js": "three/addons/loaders/GLTFLoader.js",
};
