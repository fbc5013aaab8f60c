// Small helps; every page works without them.
"use strict";
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    if (navigator.clipboard) navigator.clipboard.writeText(field.value);
    else document.execCommand("copy");
  }
  const all = event.target.closest("[data-tick-all]");
  if (all) document.querySelectorAll(`input[name="${all.dataset.tickAll}"]`).forEach((box) => { box.checked = all.checked; });
});
if (window.matchMedia("(min-width: 48rem)").matches) document.querySelectorAll("details[data-wide-open]").forEach((part) => { part.open = true; });
const summary = document.querySelector(".summary");
if (summary) summary.focus();
document.addEventListener("htmx:afterSettle", (event) => {
  const first = event.target.querySelector ? event.target.querySelector("[data-focus] input:not([type=hidden]), [data-focus] textarea, [data-focus] select") : null;
  if (first) first.focus();
});
// A conflict or a wrong value comes back with an error status; it still has to be shown.
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([400, 409].includes(event.detail.xhr.status)) { event.detail.shouldSwap = true; event.detail.isError = false; }
});
