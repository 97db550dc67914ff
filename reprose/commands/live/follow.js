// Keeps a page of `reprose watch` at what is built: loads it anew where the reader was, and shows what is wrong.
(() => {
  const { name, digest } = document.currentScript.dataset;
  const kept = `reprose/${name}`; // of this tab
  const blocks = () => [...document.querySelectorAll("main :is(h1,h2,h3,h4,p,li,dt,dd,pre,table,figure,math,summary)")];
  const details = () => [...document.querySelectorAll("details")];

  // Where the reader is: the first block that can be seen, by its text and number, and how far below the top it begins.
  function reload() {
    const all = blocks();
    const number = all.findIndex((block) => block.getBoundingClientRect().bottom > 0);
    const place = scrollY > 0 && number >= 0 && {
      number,
      text: all[number].textContent,
      top: all[number].getBoundingClientRect().top,
    };
    const open = details().flatMap((part, number) => (part.open ? [number] : []));
    sessionStorage.setItem(kept, JSON.stringify({ place, open }));
    history.scrollRestoration = "manual";
    location.reload();
  }

  function restore() {
    const { place, open } = JSON.parse(sessionStorage.getItem(kept) ?? "{}");
    sessionStorage.removeItem(kept);
    details().forEach((part, number) => (part.open ||= open?.includes(number)));
    if (!place) return;
    const all = blocks();
    const distance = (number) => Math.abs(number - place.number);
    const same = all.flatMap((block, number) => (block.textContent === place.text ? [number] : []));
    const [number = Math.min(place.number, all.length - 1)] = same.sort((a, b) => distance(a) - distance(b));
    const go = () => scrollBy({ top: all[number].getBoundingClientRect().top - place.top, behavior: "instant" });
    go();
    addEventListener("load", go); // pictures have their size now
  }

  const host = document.createElement("div");
  host.attachShadow({ mode: "open" }).innerHTML = `
    <style>
      :host { all: initial; color-scheme: light dark; }
      * { box-sizing: border-box; }
      [hidden] { display: none !important; }
      .note, .fault { font: 15px/1.5 system-ui, sans-serif; color: light-dark(#111, #eee); background: light-dark(#fff, #1d2024); }
      .note { position: fixed; right: 1rem; bottom: 1rem; max-width: min(40rem, calc(100vw - 2rem)); padding: .3rem .8rem;
        overflow: hidden; text-overflow: ellipsis; white-space: nowrap; z-index: 2147483646;
        border: 1px solid light-dark(#bbb, #555); border-radius: .4rem; box-shadow: 0 2px 8px #0003; }
      .back { position: fixed; inset: 0; z-index: 2147483647; background: #0007; display: grid; place-items: center; padding: 1rem; }
      .fault { width: min(60rem, 100%); max-height: 100%; overflow: auto; padding: 1.2rem 1.5rem; border-radius: .5rem;
        border-top: .4rem solid light-dark(#b3261e, #f2867f); box-shadow: 0 6px 30px #0006; }
      h2 { margin: 0 0 .6rem; font-size: 1.15rem; }
      pre { margin: 0 0 .9rem; font: 14px/1.55 ui-monospace, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
      mark { color: light-dark(#b3261e, #f9a8a2); background: none; font-weight: bold; }
      p { margin: 0 0 .9rem; color: light-dark(#555, #aaa); }
      button { font: inherit; color: inherit; background: none; border: 1px solid currentcolor; border-radius: .3rem; padding: .2rem .8rem;
        cursor: pointer; }
    </style>
    <div class="note" role="status" hidden></div>
    <div class="back" hidden>
      <section class="fault" role="alertdialog" aria-modal="true" aria-labelledby="title">
        <h2 id="title">Not built</h2>
        <pre></pre>
        <p>Save the mended file, and this goes away. The page behind is older than what is saved.</p>
        <button type="button">Show the older page</button>
      </section>
    </div>`;
  const part = (selector) => host.shadowRoot.querySelector(selector);
  const [note, back, text, button] = [".note", ".back", "pre", "button"].map(part);
  document.body.append(host);

  function say(words) {
    note.textContent = words;
    note.hidden = !words;
  }

  // The text of a fault, its places (file:line) set off.
  function show(words) {
    text.replaceChildren(
      ...words.split(/((?:[\w.-]+\/)*[\w.-]+\.\w+:\d+(?:-\d+)?)/).map((piece, number) => {
        if (number % 2 === 0) return piece;
        return Object.assign(document.createElement("mark"), { textContent: piece });
      }),
    );
    back.hidden = false;
    button.focus({ preventScroll: true });
  }

  function close() {
    back.hidden = true;
    say("older than what is saved, which could not be built");
  }
  button.addEventListener("click", close);
  addEventListener("keydown", (event) => event.key === "Escape" && !back.hidden && close());

  const events = new EventSource("/events");
  events.onmessage = ({ data }) => {
    const { state, text, pages } = JSON.parse(data);
    if ((pages[name] ?? "") !== digest) return reload();
    if (state === "building") return say(["building", text].filter(Boolean).join(": "));
    say("");
    back.hidden = true;
    if (state === "failed") show(text);
  };
  events.onerror = () => say("reprose watch has ended; this page no longer follows what is saved");
  restore();
  addEventListener("load", () => setTimeout(() => (history.scrollRestoration = "auto"))); // by now it would have scrolled
})();
