// Marks the section in sight in the links above a long page.
import { claim } from "./dom.js";

export function enhance(root) {
  for (const nav of claim(root, "[data-section-nav]", "SectionNav")) {
    const links = new Map();
    for (const link of nav.querySelectorAll("a[href^='#']")) {
      const section = document.getElementById(link.hash.slice(1));
      if (section) links.set(section, link);
    }
    const inSight = new Set();
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (isIntersecting) inSight.add(target);
          else inSight.delete(target);
        }
        const first = [...links.keys()].find((section) => inSight.has(section));
        if (!first) return;
        for (const [section, link] of links) {
          if (section === first) link.setAttribute("aria-current", "location");
          else link.removeAttribute("aria-current");
        }
      },
      { rootMargin: "-20% 0px -60% 0px" },
    );
    for (const section of links.keys()) observer.observe(section);
  }
}
