({
  // What sticks out sideways although nothing lets a reader scroll it.
  sideways() {
    const wide = document.documentElement.clientWidth;
    const out = [];
    if (document.documentElement.scrollWidth > wide) {
      out.push(`the page: ${document.documentElement.scrollWidth}`);
    }
    const held = (element) => {
      for (let above = element.parentElement; above && above !== document.body; above = above.parentElement) {
        const style = getComputedStyle(above);
        if (style.overflowX !== "visible" || style.position === "fixed") { return true; }
      }
      return getComputedStyle(element).position === "fixed";
    };
    for (const element of document.querySelectorAll("main *, article *, header *, aside *, footer *")) {
      const box = element.getBoundingClientRect();
      if (!box.width || !box.height || box.right <= wide + 1) { continue; }
      if (element.checkVisibility({ visibilityProperty: true }) && !held(element)) {
        out.push(`${element.tagName}.${element.className}: ${Math.round(box.right)}`);
      }
    }
    return out.slice(0, 5);
  },

  // Blocks in the flow of the page that lie on top of each other.
  crossing() {
    const kinds = "h1, h2, h3, h4, p, pre, table, figure, img, svg, blockquote, button, label, input";
    const floats = (element) => {
      for (let at = element; at; at = at.parentElement) {
        if (["fixed", "sticky", "absolute"].includes(getComputedStyle(at).position)) { return true; }
      }
      return false;
    };
    const seen = { visibilityProperty: true, opacityProperty: true };
    const blocks = [...document.querySelectorAll(kinds)]
      .filter((element) => element.checkVisibility(seen) && !element.closest("[hidden], .unseen") && !floats(element))
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && box.height > 1)
      .sort((a, b) => a.box.top - b.box.top);
    const out = [];
    blocks.forEach((one, at) => {
      for (const other of blocks.slice(at + 1)) {
        if (other.box.top >= one.box.bottom - 2) { break; }
        if (one.element.contains(other.element) || other.element.contains(one.element)) { continue; }
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (across > 2 && down > 2) {
          out.push(`${one.element.outerHTML.slice(0, 60)} and ${other.element.outerHTML.slice(0, 60)}`);
        }
      }
    });
    return out.slice(0, 5);
  },
})
