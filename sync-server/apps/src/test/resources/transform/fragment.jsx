export default function List({ items }) {
  return (
    <>
      <h1>Items</h1>
      {items.map((item) => (
        <li key={item.id}>{item.name ?? "none"}</li>
      ))}
    </>
  );
}
