import React from "https://esm.sh/react@19";
import data from "data:text/javascript,export default 1";
import own from "./own.js";
console.log(React, data, own);
