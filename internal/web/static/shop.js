// What the shop does with JavaScript; everything also works without it.
// Prices are kept fresh by htmx attributes in the templates, not here.
(() => {
  document.documentElement.classList.add("js");

  // Steppers: the buttons around a number.
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const input = button.closest("[data-stepper]").querySelector("input");
    const before = input.value;
    if (button.dataset.step > 0) input.stepUp(); else input.stepDown();
    if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // The bar at the foot of a phone hides while the real button is in view.
  let watched;
  const seen = new IntersectionObserver(([entry]) =>
    document.documentElement.classList.toggle("cta-seen", entry.isIntersecting));
  const refresh = () => {
    const button = document.getElementById("add");
    if (button === watched) return;
    if (watched) seen.unobserve(watched);
    watched = button;
    if (button) seen.observe(button);
  };

  // Menus close on Escape and on a click elsewhere.
  const close = except => document.querySelectorAll("details.menu[open]").forEach(d => { if (d !== except) d.open = false; });
  document.addEventListener("click", event => close(event.target.closest("details.menu")));
  document.addEventListener("keydown", event => { if (event.key === "Escape") close(); });

  // The town of a postcode goes where nothing was typed, or only by us.
  const fillTown = () => {
    const town = document.getElementById("town");
    if (!town || !town.dataset.city) return;
    for (const id of ["region", "city", "street"]) {
      const input = document.getElementById(id), value = town.dataset[id];
      if (!value || (input.value && input.value !== input.dataset.filled)) continue;
      input.value = input.dataset.filled = value;
    }
  };

  document.addEventListener("htmx:after:swap", () => { refresh(); fillTown(); });
  refresh();
})();
