// Drop-downs: their names and their focus, and choosing in them by keys.
(function () {
  "use strict";

  const SAME_WORD_MS = 1000;
  const SEARCH_FRAMES = 60;
  const BUTTON = "button.dash-dropdown";
  const LIST = ".dash-dropdown-content";
  const ENTRY = ".dash-options-list-option-checkbox";

  // A drop-down names itself by its value alone, and takes the focus by an input hidden from
  // screen readers; its label belongs to the name, and the focus to the button. Drop-downs are
  // drawn late and drawn again, so this is looked after.
  function nameControls() {
    document.querySelectorAll(".dash-dropdown-focus-target[tabindex='0']").forEach((hidden) => {
      hidden.tabIndex = -1;
      hidden.nextElementSibling.tabIndex = 0;
    });
    document.querySelectorAll(".control > label").forEach((label) => {
      const button = document.getElementById(label.htmlFor);
      const name = label.id + " " + label.htmlFor + "-value";
      if (
        button &&
        button.tagName === "BUTTON" &&
        button.getAttribute("aria-labelledby") !== name
      ) {
        button.setAttribute("aria-labelledby", name);
      }
    });
  }

  // Looks after the names of all drop-downs from now on.
  function keepNames() {
    nameControls();
    new MutationObserver(nameControls).observe(document.body, {
      subtree: true,
      childList: true,
      attributeFilter: ["aria-labelledby", "tabindex"],
    });
  }

  // What is typed at a drop-down goes to the search of its list, whether that is open yet or not and
  // wherever Dash has moved the focus; Enter takes the first entry found, or the one in focus.
  function chooseByKeys() {
    let pending = "";
    let waits = false;
    let typedAt = -Infinity;
    const search = () => document.querySelector(`${LIST} .dash-dropdown-search`);
    const setValue = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;

    function write() {
      const box = search();
      waits = false;
      box.focus();
      setValue.call(box, pending);
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }

    function writeWhenOpen(tries) {
      if (search()) {
        write();
      } else if (tries > 0) {
        window.requestAnimationFrame(() => writeWhenOpen(tries - 1));
      } else {
        waits = false;
      }
    }

    function takeLetter(event, isNew) {
      event.preventDefault();
      event.stopPropagation();
      pending = (isNew ? "" : pending) + event.key;
      if (search()) {
        write();
      } else if (isNew) {
        if (event.target.getAttribute("aria-expanded") !== "true") {
          event.target.click();
        }
        waits = true;
        writeWhenOpen(SEARCH_FRAMES);
      }
    }

    // Dash would take the letter once more, and open the list on Space before the button's own click
    // closes it again.
    document.addEventListener(
      "keyup",
      (event) => {
        if (event.key.length === 1 && event.target.matches?.(BUTTON)) {
          event.stopPropagation();
        }
      },
      true,
    );
    document.addEventListener("input", (event) => {
      if (event.target === search()) {
        pending = event.target.value;
      }
    });

    document.addEventListener(
      "keydown",
      (event) => {
        const onEntry = event.target.matches?.(ENTRY);
        const onButton = event.target.matches?.(BUTTON);
        const isNew = event.timeStamp - typedAt >= SAME_WORD_MS;
        const isLetter = event.key.length === 1 && (event.key !== " " || !(isNew || onEntry));
        if (event.ctrlKey || event.metaKey || event.altKey) {
          return;
        }
        if (isLetter) {
          typedAt = event.timeStamp;
        }
        const list = document.querySelector(LIST);
        const inList = list?.contains(event.target) || (list && event.target === document.body);
        // Dash writes an older value back into the search while its own is on the way.
        const isBehind = waits || (!isNew && search()?.value !== pending);
        if (isLetter && (onButton || (inList && (isBehind || event.target !== search())))) {
          takeLetter(event, isNew);
        } else if (event.key === "Enter" && onEntry) {
          event.preventDefault();
          event.stopPropagation();
          const entry = isNew ? event.target : document.querySelector(ENTRY);
          entry.click();
          typedAt = -Infinity;
        }
      },
      true,
    );
  }

  window.crimeAtlas.lists = { chooseByKeys, keepNames };
})();
