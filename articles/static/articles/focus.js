/* A click on a picture sets its focal point, and a mark shows it. The two number fields do the same without script. */
(() => {
  const frame = document.querySelector("[data-focus]");
  const fields = ["x", "y"].map((name) => document.getElementById(`id_focal_${name}`));
  if (!frame || !fields.every(Boolean)) return;
  const picture = frame.querySelector("img");
  const mark = document.createElement("span");
  mark.className = "focus";
  frame.append(mark);
  const show = () => {
    mark.style.left = `${picture.offsetLeft + fields[0].value * picture.clientWidth}px`;
    mark.style.top = `${picture.offsetTop + fields[1].value * picture.clientHeight}px`;
  };
  frame.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    const shares = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    shares.forEach((share, number) => {
      fields[number].value = Math.min(Math.max(share, 0), 1).toFixed(2);
    });
    show();
  });
  fields.forEach((field) => field.addEventListener("input", show));
  addEventListener("resize", show);
  if (picture.complete) show();
  picture.addEventListener("load", show);
})();
