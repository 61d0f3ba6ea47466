export const fine = "a";
export const open = "never closed
