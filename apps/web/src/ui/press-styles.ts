/**
 * React Aria's buttons put a `<style>` element into the page, which the page's policy refuses. It
 * looks for an element of this id first: here that is no style, and the rule is in
 * `press-styles.css`.
 */
import "./press-styles.css";

const id = "react-aria-pressable-style";
if (document.getElementById(id) === null) {
  const mark = document.createElement("meta");
  mark.id = id;
  document.head.append(mark);
}
