(() => {
  const table = document.getElementById("comparison-table");
  const body = table.tBodies[0];
  const heads = [...table.querySelectorAll("th[data-column]")];
  const given = new Map([...body.rows].map((row, at) => [row, at]));
  const key = (row, column) => row.cells[column].dataset.key || "";
  const sort = (head) => {
    const column = Number(head.dataset.column);
    const words = column === 0;
    const before = head.getAttribute("aria-sort");
    const down = before ? before === "ascending" : !words;
    const order = (a, b) => {
      const one = key(a, column), other = key(b, column);
      if (!one !== !other) return one ? -1 : 1;
      const difference = words ? (one < other ? -1 : one > other ? 1 : 0) : Number(one) - Number(other);
      return (down ? -difference : difference) || given.get(a) - given.get(b);
    };
    for (const each of heads) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...[...body.rows].sort(order));
  };
  for (const head of heads) {
    const button = head.querySelector("button");
    button.disabled = false;
    button.addEventListener("click", () => sort(head));
  }
  const box = document.getElementById("entry");
  const held = box.querySelector(".held");
  const whose = box.querySelector(".whose");
  table.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-entry]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !box.showModal) return;
    const copy = document.getElementById(link.hash.slice(1)).cloneNode(true);
    event.preventDefault();
    for (const node of [copy, ...copy.querySelectorAll("[id]")]) node.removeAttribute("id");
    const name = link.closest("tr").cells[0].querySelector("a");
    whose.textContent = name.textContent;
    box.querySelector(".whole").hash = name.hash;
    held.replaceChildren(copy);
    box.showModal();
    box.scrollTop = 0;
  });
  box.addEventListener("click", (event) => {
    if (event.target === box || event.target.closest(".whole")) box.close();
  });
})();
