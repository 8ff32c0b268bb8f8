// What only the browser can do: send what the reader does, follow links, keep what is typed.
(function () {
  "use strict";

  const { ids, painted } = window.crimeAtlas;
  const TEXT = "-text";
  const FAILED_MS = 1000;
  const MOST_ACTS = 100;
  const noUpdate = () => window.dash_clientside.no_update;

  // What the reader does is sent one request after the other: each is about what the page shows
  // then, and what is done meanwhile goes together.
  // `known` is what each control was last seen to have, by the reader or by an answer.
  const acts = { waiting: [], set: new Map(), known: new Map(), busy: false, asked: 0 };

  // What the reader has chosen since the answer was asked for, and Dash has not told yet. A list
  // empties itself where its entries have changed: nobody chose that.
  function chosenSince(id, property) {
    const name = `${id}.${property}`;
    const value = window.dash_component_api.getLayout(id)?.props[property];
    const now = JSON.stringify(value);
    const known = acts.known.get(name) ?? now;
    const isNew = value !== null && value !== undefined && now !== known;
    if (isNew) {
      acts.known.set(name, now);
      acts.set.set(name, now);
      acts.waiting.push([name, value]);
    }
    return isNew;
  }

  function ask() {
    if (!acts.busy && acts.waiting.length) {
      acts.busy = true;
      acts.asked += 1;
      window.dash_clientside.set_props(ids.ASK, { data: acts.waiting.splice(0, MOST_ACTS) });
    }
  }

  function rest() {
    acts.busy = false;
    ask();
  }

  function goTo(query) {
    if (query !== window.location.search) {
      window.history.pushState(null, "", query);
      window.dash_clientside.set_props(ids.LINK, { data: query });
    }
  }

  // Search boxes belong to the browser: an answer from the server never rewrites what is typed.
  function makeTextBoxes() {
    document.querySelectorAll(".text-box:empty").forEach((frame) => {
      const box = document.createElement("input");
      box.type = "search";
      box.id = frame.dataset.box;
      box.placeholder = frame.dataset.placeholder;
      box.maxLength = Number(frame.dataset.longest);
      box.autocomplete = "off";
      let pause = 0;
      box.addEventListener("input", () => {
        window.clearTimeout(pause);
        pause = window.setTimeout(
          () => window.dash_clientside.set_props(box.id + TEXT, { data: box.value }),
          Number(frame.dataset.pause),
        );
      });
      box.form?.addEventListener("submit", (event) => event.preventDefault());
      frame.append(box);
    });
  }

  // A picture's figures are sent as a table once the reader opens it.
  function fillWhenOpened() {
    const read = () =>
      Array.from(document.querySelectorAll(".filled-when-opened[open] > .filled"), ({ id }) => id);
    document.addEventListener(
      "toggle",
      (event) => {
        if (event.target.matches(".filled-when-opened")) {
          window.dash_clientside.set_props(ids.OPENED, { data: read() });
        }
      },
      true,
    );
  }

  function leaveFind() {
    document.getElementById(ids.FIND).value = "";
    window.dash_clientside.set_props(ids.FIND + TEXT, { data: "" });
  }

  // A link to another state of this page changes the address without loading the page again.
  function followLinks() {
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a.go");
      if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        goTo(new URL(link.href).search);
        leaveFind();
        document.activeElement.blur();
      }
    });
    document.addEventListener("keydown", (event) => {
      const find = event.target.closest(".find");
      if (!find) {
        return;
      }
      const links = Array.from(find.querySelectorAll("a.go"));
      const at = links.indexOf(document.activeElement);
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
        (next || document.getElementById(ids.FIND)).focus();
      } else if (event.key === "Enter" && at < 0 && links.length) {
        event.preventDefault();
        links[0].click();
      } else if (event.key === "Escape") {
        leaveFind();
      }
    });
  }

  const APPEARANCE = "crime-atlas-appearance";

  function preferredAppearance() {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    try {
      return window.localStorage.getItem(APPEARANCE) || (dark ? "dark" : "light");
    } catch (_error) {
      return dark ? "dark" : "light";
    }
  }

  function keepAppearance(appearance) {
    try {
      window.localStorage.setItem(APPEARANCE, appearance);
    } catch (_error) {
      // A browser that keeps nothing shows the choice until the page is left.
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.crime_atlas = Object.assign(window.dash_clientside.crime_atlas || {}, {
    // The address is the state: read it now, and again when the reader goes back or forward. The
    // map's size goes with it, since it decides the zoom that fits an area.
    start: function () {
      window.addEventListener("popstate", () =>
        window.dash_clientside.set_props(ids.LINK, { data: window.location.search }),
      );
      followLinks();
      window.crimeAtlas.lists.keepNames();
      window.crimeAtlas.lists.chooseByKeys();
      makeTextBoxes();
      fillWhenOpened();
      return [window.location.search, window.crimeAtlas.watchMap()];
    },

    // What can wait asks once the browser has drawn what has just come, the map most of all.
    after_paint: function (...values) {
      const wanted = values[0];
      return wanted ? painted().then(() => wanted) : noUpdate();
    },

    // The browser asks the reader for consent; the answer is looked up once and forgotten.
    locate: function () {
      const answer = (position) =>
        window.dash_clientside.set_props(ids.POSITION, { data: { position: position } });
      if (!navigator.geolocation) {
        answer(null);
        return;
      }
      navigator.geolocation.getCurrentPosition(
        (found) => answer([found.coords.latitude, found.coords.longitude]),
        () => answer(null),
        { timeout: 10000, maximumAge: 60000 },
      );
    },

    // A text box as the link fills it, unless the reader is typing there.
    show_text: function (text, store) {
      const box = document.getElementById(store.slice(0, -TEXT.length));
      if (box && box !== document.activeElement) {
        box.value = text || "";
      }
    },

    // Something was done: by the reader, unless it is what an answer has just set.
    act: function () {
      window.dash_clientside.callback_context.triggered.forEach(({ prop_id: name, value }) => {
        if (value === null || value === undefined) {
          return;
        }
        const echo = acts.set.get(name) === JSON.stringify(value);
        acts.known.set(name, JSON.stringify(value));
        acts.set.delete(name);
        if (!echo) {
          acts.waiting.push([name, value]);
          window.setTimeout(ask, 0);
        }
      });
    },

    // The page shows the answer; the address and the controls follow, and the next acts are sent.
    answered: function (answer) {
      if (answer.go && answer.go !== window.location.search) {
        window.history.pushState(null, "", answer.go);
      }
      Object.entries(answer.values).forEach(([name, value]) => {
        const [id, property] = name.split(".");
        if (chosenSince(id, property)) {
          return;
        }
        acts.set.set(name, JSON.stringify(value));
        acts.known.set(name, JSON.stringify(value));
        window.dash_clientside.set_props(id, { [property]: value });
      });
      rest();
    },

    // A request that failed brings no answer.
    idle: function (busy) {
      const asked = acts.asked;
      if (busy === false) {
        window.setTimeout(() => asked === acts.asked && rest(), FAILED_MS);
      }
    },

    // The page's colours follow at once; the map's are asked of the server.
    appearance: function (clicks) {
      const root = document.documentElement;
      const before = root.dataset.bsTheme || preferredAppearance();
      const now = clicks ? (before === "dark" ? "light" : "dark") : before;
      root.dataset.bsTheme = now;
      document.body.dataset.agThemeMode = now;
      if (clicks) {
        keepAppearance(now);
      }
      return [now, now === "dark" ? "Light colours" : "Dark colours"];
    },

    reload: function (clicks) {
      if (clicks) {
        window.location.reload();
      }
    },
  });
})();
