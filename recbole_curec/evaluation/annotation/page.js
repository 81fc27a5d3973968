"use strict";
const sheet = document.getElementById("sheet").dataset.sheet;
const questions = [...document.querySelectorAll(".question")];
const storageKey = "curec annotation " + sheet;
let here = 0, kept = true, saved = false;

const answersOf = (question) => Object.fromEntries([...question.querySelectorAll("[data-answer]")].map((field) => {
  const chosen = field.querySelector("input:checked");
  return [field.dataset.answer, chosen === null ? "" : chosen.value];
}));
const isWhole = (question) => Object.values(answersOf(question)).every((value) => value !== "");

function keep() {
  const all = Object.fromEntries(questions.map((question) => [question.dataset.question, answersOf(question)]));
  try { localStorage.setItem(storageKey, JSON.stringify({ here, all })); } catch (error) { kept = false; }
}

function restore() {
  let found = null;
  try { found = JSON.parse(localStorage.getItem(storageKey)); } catch (error) { kept = false; }
  if (found === null || typeof found !== "object" || typeof found.all !== "object" || found.all === null) return;
  for (const question of questions) {
    const before = found.all[question.dataset.question] || {};
    for (const field of question.querySelectorAll("[data-answer]"))
      for (const input of field.querySelectorAll("input")) input.checked = input.value === before[field.dataset.answer];
  }
  if (Number.isInteger(found.here) && found.here >= 0 && found.here < questions.length) here = found.here;
}

function go(place) {
  show(place);
  questions[here].focus();
  keep();
}

function show(place) {
  here = Math.max(0, Math.min(questions.length - 1, place));
  questions.forEach((question, number) => { question.hidden = number !== here; });
  tell();
}

function tell() {
  const whole = questions.filter(isWhole).length;
  let said = `Question ${here + 1} of ${questions.length}; ${whole} answered in full`;
  if (whole === questions.length) said += saved ? ". Saved: send the file back." : ". All are answered: save the file.";
  if (!kept) said += ". This browser keeps nothing: save the file before you close the page.";
  document.getElementById("status").textContent = said;
  document.getElementById("progress").value = whole;
  document.getElementById("previous").disabled = here === 0;
  document.getElementById("next").disabled = here === questions.length - 1;
}

function save() {
  const rows = questions.map((question) => {
    const read = Object.fromEntries([...question.querySelectorAll("[data-column]")].map((part) => [part.dataset.column, part.textContent]));
    return { sheet, question: question.dataset.question, ...read, ...answersOf(question) };
  });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(rows, null, 1)], { type: "application/json" }));
  link.download = `${sheet}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  saved = true;
  tell();
}

document.addEventListener("change", () => { saved = false; keep(); tell(); });
document.getElementById("previous").addEventListener("click", () => go(here - 1));
document.getElementById("next").addEventListener("click", () => go(here + 1));
document.getElementById("save").addEventListener("click", save);
document.getElementById("open").addEventListener("click", () => {
  const later = questions.findIndex((question, number) => number > here && !isWhole(question));
  const first = questions.findIndex((question) => !isWhole(question));
  if (first >= 0) go(later >= 0 ? later : first);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const choose = (field, value) => {
    const input = field && [...field.querySelectorAll("input")].find((one) => one.value === value);
    if (!input) return;
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    event.preventDefault();
  };
  const preferred = { a: "A", b: "B", t: "tie" }[event.key];
  if (preferred) choose(questions[here].querySelector("[data-answer=preferred]"), preferred);
  else if (event.key === "n") go(here + 1);
  else if (event.key === "p") go(here - 1);
  else if (/^[1-9]$/.test(event.key)) choose(document.activeElement.closest("[data-answer]"), event.key);
});
restore();
show(here);
