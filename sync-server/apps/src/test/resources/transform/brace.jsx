export default function App() {
  const total = 1;
  return <p>{total + (2 }</p>;
}
