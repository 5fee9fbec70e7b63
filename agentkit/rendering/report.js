"use strict";
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const live = document.getElementById("live");
  const back = document.getElementById("back");
  const links = all("a[data-source]");
  const claims = all(".claim");
  const buttons = all("#filter button");
  const panels = all(".source");
  const tabs = all("#tabs a");

  const show = (index) => {
    panels.forEach((panel) => { panel.hidden = panels.length > 1 && panel.id !== "source-" + index; });
    tabs.forEach((tab) => {
      const chosen = tab.id === "tab-" + index;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    });
  };

  // Pages not yet drawn have an estimated height: a few frames settle it.
  const centre = (element, times) => {
    if (!element) { return; }
    element.scrollIntoView({ block: "center" });
    if (times > 1) { requestAnimationFrame(() => centre(element, times - 1)); }
  };

  // Beside the claims the source moves along; below them it stays where it is until a reader goes there.
  const beside = matchMedia("(min-width: 1000px) and (min-height: 480px)");

  const choose = (link, go = true) => {
    const { source, first, last } = link.dataset;
    const claim = link.closest(".claim");
    show(source);
    all(".chosen").forEach((element) => element.classList.remove("chosen"));
    all("[aria-current]").forEach((element) => element.removeAttribute("aria-current"));
    claim.classList.add("chosen");
    link.setAttribute("aria-current", "true");
    let top = null;
    for (let number = Number(first); number <= Number(last); number += 1) {
      const mark = document.getElementById("s" + source + "m" + number);
      if (mark) { mark.classList.add("chosen"); top = top || mark; }
    }
    if (go || beside.matches) { centre(top, 3); }
    back.href = "#" + claim.id;
    back.classList.toggle("shown", go);
    const place = link.classList.contains("place") ? link : claim.querySelector(".place");
    const name = document.getElementById("source-" + source).dataset.name;
    const where = place ? place.textContent : "the cited words";
    live.textContent = "Showing " + (where.startsWith(name) ? where : name + ", " + where) + ".";
  };

  const follow = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const panel = panels.find((candidate) => candidate.id === id);
    if (panel) { show(id.slice("source-".length)); return; }
    const claim = claims.find((candidate) => candidate.id === id);
    if (claim) {
      if (claim.classList.contains("out")) { only(""); }
      claim.scrollIntoView({ block: "center" });
      visit(claim);
      return;
    }
    const current = document.querySelector("[aria-current]");
    const wanted = current && current.getAttribute("href") === "#" + id ? current : links.find((link) => link.getAttribute("href") === "#" + id);
    if (wanted) { wanted.closest(".claim").scrollIntoView({ block: "center" }); choose(wanted); }
  };

  links.forEach((link) => link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) { return; }
    event.preventDefault();
    if (location.hash !== link.getAttribute("href")) {
      try { history.pushState(null, "", link.getAttribute("href")); } catch { /* some viewers of local files refuse */ }
    }
    choose(link);
  }));

  claims.forEach((claim) => claim.addEventListener("click", (event) => {
    const link = claim.querySelector("a[data-source]");
    if (link && !event.target.closest("a") && !String(getSelection())) { link.click(); }
  }));

  const shown = () => claims.filter((claim) => !claim.classList.contains("out"));

  // From claim to claim, among those that the filter shows.
  const step = (by) => {
    const among = shown();
    const current = document.activeElement.closest(".claim") || document.querySelector(".claim.chosen");
    const at = among.indexOf(current);
    const next = at < 0 ? among[by > 0 ? 0 : among.length - 1] : among[at + by];
    if (next) { visit(next); }
  };

  const visit = (claim) => {
    const link = claim.querySelector("a.say");
    const stop = link || claim;
    if (!link) { claim.tabIndex = -1; }
    stop.focus({ preventScroll: true });
    if (link) { choose(link, false); }
    claim.scrollIntoView({ block: "nearest" });
  };

  const keys = document.getElementById("keys");
  const steps = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };
  document.addEventListener("keydown", (event) => {
    const by = steps[event.key];
    if (!by || event.metaKey || event.ctrlKey || event.altKey) { return; }
    const letter = event.key.length === 1;
    if (letter ? !keys || !keys.checked : !document.activeElement.closest(".claim")) { return; }
    event.preventDefault();
    step(by);
  });

  const only = (verdict) => {
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.show === verdict)));
    claims.forEach((claim) => claim.classList.toggle("out", verdict !== "" && claim.dataset.verdict !== verdict));
    all(".group").forEach((group) => group.classList.toggle("out", !group.querySelector(".claim:not(.out)")));
    live.textContent = "Showing " + shown().length + " of " + claims.length + " claims.";
  };
  buttons.forEach((button) => button.addEventListener("click", () => only(button.dataset.show)));
  if (keys) { document.getElementById("filter").hidden = false; }

  document.getElementById("sources").addEventListener("click", (event) => {
    const mark = event.target.closest("mark");
    if (!mark || String(getSelection())) { return; }
    const [, source, number] = /^s(\d+)m(\d+)$/.exec(mark.id);
    const link = links.find((item) => item.dataset.source === source && Number(item.dataset.first) <= Number(number) && Number(number) <= Number(item.dataset.last));
    if (link) { link.closest(".claim").scrollIntoView({ block: "nearest" }); choose(link); }
  });

  document.addEventListener("keydown", (event) => {
    const current = document.querySelector("[aria-current]");
    if (event.key === "Escape" && current) { current.focus(); }
  });

  if (tabs.length) {
    document.getElementById("tabs").setAttribute("role", "tablist");
    tabs.forEach((tab, index) => {
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", "source-" + tab.id.slice("tab-".length));
      tab.addEventListener("click", (event) => { event.preventDefault(); show(tab.id.slice("tab-".length)); });
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) {
          const next = tabs[(index + step + tabs.length) % tabs.length];
          next.focus();
          next.click();
        }
      });
    });
    panels.forEach((panel) => panel.setAttribute("role", "tabpanel"));
  }
  document.body.classList.remove("plain");
  if (panels.length) { show(panels[0].id.slice("source-".length)); }
  addEventListener("hashchange", follow);
  addEventListener("popstate", follow);
  if (location.hash) { follow(); }
})();
