export default function Größe({ name = "世界" }) {
  return <p title="😀 é">Hallo {name} 🎉</p>;
}
