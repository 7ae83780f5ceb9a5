"use strict";
const model = JSON.parse(document.getElementById("model").textContent);
const at = (id) => document.getElementById(id);
const make = (tag, text = "", attributes = {}) => {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};
const address = `/v2/models/${encodeURIComponent(model.name)}/infer`;

/* The form: a field a column, or one field for all. */

function field(column, i) {
  const label = make("label", column.name);
  let input;
  if (column.choices.length) {
    input = make("select");
    for (const choice of column.choices) input.append(make("option", String(choice)));
    input.append(make("option", "(missing)", { value: "" }));
    const usual = column.choices.indexOf(column.usual);
    if (usual >= 0) input.options[usual].setAttribute("selected", "");
  } else {
    const number = column.datatype !== "BYTES";
    const usual = number && column.usual !== null ? Number(column.usual.toPrecision(4)) : column.usual;
    input = make("input", "", { type: "text", inputmode: number ? "decimal" : "text", value: usual ?? "" });
  }
  input.name = `column-${i}`;
  label.append(input);
  return label;
}

function buildForm() {
  if (model.fields) {
    at("fields").append(...model.columns.map(field));
    return;
  }
  at("fields").className = "one";
  const said = {
    table: `${model.n_features} numbers, with spaces or commas between`,
    sequence: `A step a line: ${model.n_features} number${model.n_features === 1 ? "" : "s"} each, with spaces or commas between`,
    tokens: "Whole numbers, with spaces or commas between",
    text: "Text",
  }[model.kind];
  const label = make("label", said);
  label.append(make("textarea", "", { name: "all", spellcheck: "false" }));
  at("fields").append(label);
}

function number(text, name) {
  const clean = text.trim();
  if (clean === "") return null;
  const value = Number(clean);
  if (Number.isFinite(value)) return value;
  const days = /^\d{4}-\d\d-\d\d/.test(clean) ? Date.parse(clean) / 864e5 : NaN;
  const hint = Number.isNaN(days) ? "" : ` A column of dates takes the days since 1970: ${days}.`;
  throw new Error(`${name}: “${clean}” is no number.${hint}`);
}

const numbers = (text) => text.split(/[\s,;]+/).filter((t) => t !== "").map((t) => number(t, "Input"));

function columnValue(column, text) {
  if (column.choices.length) {
    const found = column.choices.find((choice) => String(choice) === text);
    return found === undefined ? null : found;
  }
  if (column.datatype !== "BYTES") return number(text, column.name);
  return text === "" ? null : text;
}

function inputsOfForm() {
  if (!model.fields) {
    const text = at("form").elements.all.value;
    if (model.kind === "text") return [{ name: "X", datatype: "BYTES", shape: [1], data: [text] }];
    if (model.kind === "sequence") {
      const steps = text.split("\n").map(numbers).filter((step) => step.length);
      if (steps.some((step) => step.length !== model.n_features)) {
        throw new Error(`Each line must have ${model.n_features} numbers.`);
      }
      return [{ name: "X", datatype: "FP64", shape: [1, steps.length, model.n_features], data: steps.flat() }];
    }
    const row = numbers(text);
    return [{ name: "X", datatype: model.kind === "tokens" ? "INT64" : "FP64", shape: [1, row.length], data: row }];
  }
  const row = model.columns.map((column, i) =>
    columnValue(column, at("form").elements[`column-${i}`].value));
  if (!model.named) {
    const text = model.columns.some((column) => column.datatype === "BYTES");
    const data = text ? row.map((value) => value === null ? null : String(value)) : row;
    return [{ name: "X", datatype: text ? "BYTES" : "FP64", shape: [1, row.length], data }];
  }
  return model.columns.map((column, i) =>
    ({ name: column.name, datatype: column.datatype, shape: [1], data: [row[i]] }));
}

/* What comes back. */

const shown = (value) => typeof value === "number" && !Number.isInteger(value)
  ? String(Number(value.toPrecision(6))) : String(value);

function showProbabilities(probabilities) {
  const bars = make("dl", "", { class: "bars" });
  const best = probabilities.indexOf(Math.max(...probabilities));
  let order = probabilities.map((_, i) => i);
  const more = order.length > 12;
  if (more) order = order.sort((a, b) => probabilities[b] - probabilities[a]).slice(0, 12);
  for (const i of order) {
    const name = String(model.classes[i] ?? i);
    const percent = `${(100 * probabilities[i]).toFixed(1)} %`;
    const mark = i === best ? { class: "best" } : {};
    bars.append(make("dt", name, mark),
      make("progress", "", { max: "1", value: probabilities[i], "aria-label": `Probability of ${name}` }),
      make("dd", percent, mark));
  }
  const parts = [bars];
  if (more) parts.push(make("p", `The 12 most probable of ${probabilities.length}.`, { class: "soft" }));
  return parts;
}

function show(answer) {
  const parts = [];
  for (const output of answer.outputs) {
    const row = output.data;
    if (output.name === "predict_proba" && row.length === model.classes.length) {
      parts.push(...showProbabilities(row));
    } else {
      const text = row.map(shown).join(", ");
      if (output.name !== "predict") parts.push(make("p", output.name, { class: "soft" }));
      parts.push(make("p", text, { class: text.length > 24 ? "answer long" : "answer" }));
    }
  }
  at("result").replaceChildren(...parts);
}

function showError(text) {
  at("result").replaceChildren(make("p", text, { class: "wrong", role: "alert" }));
}

let newest = 0;
async function predict(makeInputs) {
  const turn = ++newest;
  try {
    const body = JSON.stringify({ inputs: makeInputs() });
    at("request").textContent = `POST ${address}\n\n${body}`;
    const response = await fetch(address,
      { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const answer = await response.json();
    if (turn !== newest) return; // a later stroke has been answered
    if (response.ok) show(answer);
    else showError(answer.error);
  } catch (error) {
    if (turn === newest) showError(error instanceof TypeError ? "The server does not answer." : error.message);
  }
}

/* Drawing: strokes on the pad, cropped and scaled as the digits of the data sets are. */

function buildDrawing({ rows, columns, shape, range, ranges }) {
  const pad = at("pad"), seen = at("seen"), ink = pad.getContext("2d", { willReadFrequently: true });
  seen.width = columns;
  seen.height = rows;
  for (const value of ranges) at("range").append(make("option", String(value)));
  at("range").value = String(range);
  ink.lineCap = ink.lineJoin = "round";
  ink.lineWidth = rows < 16 ? 48 : 28; // strokes of the data sets' digits
  let last = null, timer = null;

  const place = (event) => {
    const box = pad.getBoundingClientRect();
    return [(event.clientX - box.left) * pad.width / box.width,
      (event.clientY - box.top) * pad.height / box.height];
  };
  const stroke = (event) => {
    const next = place(event);
    ink.beginPath();
    ink.moveTo(...last);
    ink.lineTo(...next);
    ink.stroke();
    last = next;
    if (timer === null) timer = setTimeout(ask, 150);
  };
  const ask = () => {
    timer = null;
    const pixels = picture();
    if (pixels) predict(() => [{ name: "X", datatype: "FP64", shape: [1, ...shape], data: pixels }]);
  };
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    last = place(event);
    stroke(event);
  });
  pad.addEventListener("pointermove", (event) => { if (last) stroke(event); });
  for (const kind of ["pointerup", "pointercancel"]) pad.addEventListener(kind, () => { last = null; });
  at("range").addEventListener("change", ask);
  at("clear").addEventListener("click", () => {
    ink.clearRect(0, 0, pad.width, pad.height);
    seen.getContext("2d").clearRect(0, 0, columns, rows);
    newest++;
    at("result").replaceChildren(make("p", "Nothing yet.", { class: "soft" }));
  });

  function picture() {
    const { width, height } = pad, drawn = ink.getImageData(0, 0, width, height).data;
    let left = width, right = -1, top = height, bottom = -1;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (drawn[4 * (y * width + x) + 3] > 64) {
          left = Math.min(left, x); right = Math.max(right, x);
          top = Math.min(top, y); bottom = Math.max(bottom, y);
        }
      }
    }
    if (right < 0) return null;
    // MNIST's digits fill 20 of 28 pixels; those of few pixels fill them all.
    const margin = rows >= 16 ? 20 / 28 : 1;
    const scale = margin * Math.min(columns / (right - left + 1), rows / (bottom - top + 1));
    const [middleX, middleY] = [(left + right + 1) / 2, (top + bottom + 1) / 2];
    // Each pixel is the mean of the ink on its area.
    const sums = new Float64Array(rows * columns), fine = 6, result = [];
    for (let r = 0; r < rows * fine; r++) {
      for (let c = 0; c < columns * fine; c++) {
        const x = Math.floor(((c + 0.5) / fine - columns / 2) / scale + middleX);
        const y = Math.floor(((r + 0.5) / fine - rows / 2) / scale + middleY);
        if (x >= 0 && x < width && y >= 0 && y < height) {
          sums[Math.floor(r / fine) * columns + Math.floor(c / fine)] += drawn[4 * (y * width + x) + 3];
        }
      }
    }
    const full = Number(at("range").value), image = new ImageData(columns, rows);
    sums.forEach((sum, i) => {
      const share = sum / (255 * fine * fine);
      result.push(Number((share * full).toPrecision(4)));
      image.data.set([0, 0, 0, Math.round(255 * share)], 4 * i);
    });
    seen.getContext("2d").putImageData(image, 0, 0);
    return result;
  }
}

function choose(way) {
  for (const other of ["draw", "form"]) {
    at(other).hidden = other !== way;
    at(`way-${other}`).setAttribute("aria-selected", String(other === way));
    at(`way-${other}`).tabIndex = other === way ? 0 : -1;
  }
}

at("name").textContent = model.name;
at("about").textContent = model.kind === "table"
  ? `${model.estimator}, ${model.n_features} feature${model.n_features === 1 ? "" : "s"}`
    + (model.classes.length ? `, ${model.classes.length} classes` : "")
  : model.estimator;
at("address").textContent = `POST ${address}`;
buildForm();
at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  predict(inputsOfForm).then(() => at("result").scrollIntoView({ block: "nearest" }));
});
if (model.picture) {
  at("ways").hidden = false;
  buildDrawing(model.picture);
  choose("draw");
  for (const way of ["draw", "form"]) at(`way-${way}`).addEventListener("click", () => choose(way));
  at("ways").addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const way = at("draw").hidden ? "draw" : "form";
    choose(way);
    at(`way-${way}`).focus();
  });
}
