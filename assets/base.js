// What Python hands to the scripts: the ids of the page, by the names that they have there.
window.crimeAtlas = {
  ids: JSON.parse(document.querySelector('meta[name="crime-atlas-ids"]').content),
};
