export default function App() {
  return (
    <div>
      <p>Hello</div>
    </div>
  );
}
