export const words = ["é", "世界"];
export const wide = "😀é世" ];
