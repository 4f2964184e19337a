"use strict";
(function () {
  var source = document.getElementById("what-if-data");
  if (!source) { return; }
  var data = JSON.parse(source.textContent);
  function get(id) { return document.getElementById(id); }
  var sliders = { v: get("what-if-volume"), h: get("what-if-time"), w: get("what-if-wage") };
  function at(values, x) {
    var i = 0;
    while (i < values.length - 2 && x > values[i + 1]) { i += 1; }
    return { i: i, f: Math.min(1, Math.max(0, (x - values[i]) / (values[i + 1] - values[i]))) };
  }
  function mixed(v, h, k) {
    var a = at(data.volumes, v), b = at(data.times, h), n = data.times.length;
    function cell(i, j) { return data.cells[i * n + j][k]; }
    if (cell(a.i, b.i) === null) { return null; }
    var low = cell(a.i, b.i) * (1 - b.f) + cell(a.i, b.i + 1) * b.f;
    var high = cell(a.i + 1, b.i) * (1 - b.f) + cell(a.i + 1, b.i + 1) * b.f;
    return low * (1 - a.f) + high * a.f;
  }
  function whole(x) { return Math.round(x).toLocaleString("en-US"); }
  function sign(x) { return (x > 0 ? "+" : x < 0 ? "\u2212" : "\u00b1") + whole(Math.abs(x)); }
  function pct(x) { return x === null ? "\u2013" : (100 * x).toFixed(1) + " %"; }
  function change(x) { var p = Math.round(100 * (x - 1)); return p === 0 ? "as planned" : (p > 0 ? "+" : "\u2212") + Math.abs(p) + " %"; }
  function show() {
    var v = Number(sliders.v.value) / 100, h = Number(sliders.h.value) / 100, w = Number(sliders.w.value) / 100;
    var cost = mixed(v, h, 0) + (w - 1) * mixed(v, h, 1);
    get("what-if-volume-out").textContent = change(v);
    get("what-if-time-out").textContent = change(h);
    get("what-if-wage-out").textContent = change(w);
    get("what-if-cost").textContent = whole(cost);
    get("what-if-change").textContent = sign(Math.round(cost) - Math.round(data.plan));
    get("what-if-agents").textContent = whole(mixed(v, h, 2));
    var short = Math.ceil(mixed(v, h, 3) - 1e-9);
    get("what-if-seats").textContent = short > 0 ? whole(short) + " more than there are" : "enough";
    get("what-if-level").textContent = pct(mixed(v, h, 4));
    get("what-if-lost").textContent = pct(mixed(v, h, 5));
    get("what-if-broken").textContent = whole(mixed(v, h, 6));
  }
  Object.keys(sliders).forEach(function (k) { sliders[k].addEventListener("input", show); });
  get("what-if-reset").addEventListener("click", function () {
    Object.keys(sliders).forEach(function (k) { sliders[k].value = 100; });
    show();
  });
  show();
})();
