const a = ;
const b = ;
