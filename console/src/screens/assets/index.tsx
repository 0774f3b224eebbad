// Placeholder
// x
export default function X() {
  return null;
}
