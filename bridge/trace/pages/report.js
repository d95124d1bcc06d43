"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const expected = byId("show-expected"), only = byId("only-different"), chosen = byId("function");
  const groups = [...document.querySelectorAll("details.group")];
  const rows = [...document.querySelectorAll("tr[data-function]")];
  const shown = byId("shown"), none = byId("none");

  const apply = () => {
    let count = 0;
    for (const group of groups) {
      const wanted = (expected.checked || group.dataset.verdict === "different")
        && (chosen.value === "" || group.dataset.function === chosen.value);
      group.hidden = !wanted;
      count += wanted ? 1 : 0;
    }
    for (const row of rows) {
      row.hidden = (only.checked && row.dataset.different === "0")
        || (chosen.value !== "" && row.dataset.function !== chosen.value);
    }
    shown.textContent = `${count} / ${groups.length}`;
    none.hidden = count > 0;
  };
  for (const control of [expected, only, chosen]) control.addEventListener("change", apply);

  byId("open-all").addEventListener("click", () => {
    const visible = groups.filter((group) => !group.hidden);
    const open = visible.some((group) => !group.open);
    for (const group of visible) group.open = open;
  });

  for (const link of document.querySelectorAll("a[data-choose]")) {
    link.addEventListener("click", () => {
      chosen.value = link.dataset.choose;
      if (link.dataset.expected === "1") expected.checked = true;
      apply();
    });
  }

  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")].filter((one) => !one.closest("[hidden]"));
    for (const one of opened) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });

  byId("controls").hidden = false;
  apply();
})();
