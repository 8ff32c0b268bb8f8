// Cells of the ranked table.
window.dashAgGridFunctions = window.dashAgGridFunctions || {};
const dagfuncs = window.dashAgGridFunctions;

// Decimals and signs are those of the measure's record.
dagfuncs.figure = function (params, decimals, signed) {
  if (params.data === undefined) {
    return "";
  }
  if (params.value === null || params.value === undefined) {
    return "–";
  }
  const smallest = 10 ** -decimals;
  if (!signed && params.value > 0 && params.value < smallest / 2) {
    return "under " + smallest;
  }
  const text = Math.abs(Number(params.value)).toLocaleString("en-GB", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  if (!signed) {
    return text;
  }
  const zero = Number(text) === 0;
  return (zero ? "" : params.value < 0 ? "−" : "+") + text + "%";
};

dagfuncs.rateBar = function (params) {
  const width = params.data ? params.data.bar : 0;
  return {
    backgroundImage: "linear-gradient(var(--bar), var(--bar))",
    backgroundRepeat: "no-repeat",
    backgroundSize: width + "% 22px",
    backgroundPosition: "left 4px",
  };
};

// The area's name, with what tells it from others of the same name.
window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {};
const dagcomponentfuncs = window.dashAgGridComponentFunctions;

dagcomponentfuncs.AreaCell = function (props) {
  if (!props.data) {
    return null;
  }
  return React.createElement(
    "div",
    { className: "area-cell" },
    React.createElement("span", { className: "area-name" }, props.data.area),
    React.createElement("span", { className: "area-place" }, props.data.place),
  );
};

// A rate and its interval, or why there is none.
dagcomponentfuncs.RateCell = function (props) {
  if (!props.data) {
    return null;
  }
  return React.createElement(
    "div",
    { className: "rate-cell" },
    React.createElement("span", { className: "rate-figure" }, props.valueFormatted),
    React.createElement("span", { className: "rate-interval" }, props.data.interval),
  );
};
