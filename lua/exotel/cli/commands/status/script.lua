--- The script of the page: a search, trunks that are unfolded together, and all of them unfolded on paper. Without it
-- the page shows the same, and trunks are unfolded one by one.
return [[
"use strict";
(function () {
  var tools = document.querySelector(".tools"), field = tools.querySelector("input");
  var button = tools.querySelector("button"), told = tools.querySelector("output"), index = null;
  function list(selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); }
  var trunks = list("details.trunk"), folded = trunks.map(function (trunk) { return !trunk.open; });
  function tight(text) { return text.toLowerCase().replace(/[\s\-().]+/g, ""); }
  function read() {
    return trunks.map(function (trunk) {
      return {
        node: trunk, text: tight(trunk.dataset.name),
        items: list("li", trunk).map(function (item) { return { node: item, text: tight(item.textContent) }; })
      };
    });
  }
  function show(entry, word) {
    var whole = word === "" || entry.text.indexOf(word) >= 0, found = 0;
    entry.items.forEach(function (item) {
      var fits = word !== "" && item.text.indexOf(word) >= 0;
      if (fits) found++;
      item.node.hidden = !whole && !fits;
    });
    entry.node.hidden = !whole && found === 0;
    return { trunk: entry.node.hidden ? 0 : 1, found: found };
  }
  function counted(count, noun) { return count + " " + noun + (count === 1 ? "" : "s"); }
  function search() {
    var word = tight(field.value), found = 0, shown = 0;
    index = index || read();
    index.forEach(function (entry, i) {
      var result = show(entry, word);
      found += result.found;
      shown += result.trunk;
      entry.node.open = word === "" ? !folded[i] : result.found > 0;
    });
    var entries = found === 1 ? "1 entry" : found + " entries";
    told.textContent = word === "" ? "" : entries + " on " + counted(shown, "trunk");
  }
  function label() {
    var open = trunks.some(function (trunk) { return trunk.open; });
    button.textContent = open ? "Fold all" : "Unfold all";
    return open;
  }
  function jump() {
    var trunk = trunks.filter(function (one) { return "#" + one.id === location.hash; })[0];
    if (!trunk) return;
    if (field.value !== "") { field.value = ""; search(); }
    trunk.open = true;
    trunk.scrollIntoView();
  }
  var timer = 0;
  field.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(search, 120); });
  button.addEventListener("click", function () {
    var open = label();
    trunks.forEach(function (trunk, i) { trunk.open = !open; folded[i] = open; });
    label();
  });
  trunks.forEach(function (trunk) { trunk.addEventListener("toggle", label); });
  window.addEventListener("hashchange", jump);
  var before = null;
  window.addEventListener("beforeprint", function () {
    before = trunks.map(function (trunk) { var open = trunk.open; trunk.open = true; return open; });
  });
  window.addEventListener("afterprint", function () {
    if (before) trunks.forEach(function (trunk, i) { trunk.open = before[i]; });
    before = null;
  });
  tools.hidden = trunks.length === 0;
  label();
  jump();
})();
]]
