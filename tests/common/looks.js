// What a reader cannot read or reach on a page, as sentences; none for a good page.
() => {
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });
  const parts = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = "transparent";
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, opaque] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, opaque / 255];
  };
  const over = (colour, ground) =>
    ground.map((value, i) => colour[i] * colour[3] + value * (1 - colour[3]));
  const luminance = (colour) => {
    const [red, green, blue] = colour.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (first, second) => {
    const [low, high] = [luminance(first), luminance(second)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const upwards = (element) => {
    const chain = [];
    for (let each = element; each; each = each.parentElement) chain.push(each);
    return chain;
  };
  const bare = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  const ground = (element) =>
    upwards(element).reverse().reduce((found, each) => over(parts(getComputedStyle(each).backgroundColor), found), bare);
  const isSeen = (box) => box.width > 0 && box.height > 0;
  const wrong = [];
  const check = (element, colour, text) => {
    const found = ground(element);
    const opaque = upwards(element).reduce((share, each) => share * Number(getComputedStyle(each).opacity), 1);
    const [red, green, blue, alpha] = parts(colour);
    const value = contrast(over([red, green, blue, alpha * opaque], found), found);
    if (opaque > 0 && value < 4.5) wrong.push(`contrast ${value.toFixed(2)} of "${text.trim().slice(0, 40)}"`);
  };

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const [node, element] = [walker.currentNode, walker.currentNode.parentElement];
    const range = document.createRange();
    range.selectNodeContents(node);
    const style = getComputedStyle(element);
    const isText = node.textContent.trim() && !element.closest("script, style, noscript, title");
    if (!isText || style.visibility === "hidden" || !isSeen(range.getBoundingClientRect())) continue;
    const isDrawn = element.namespaceURI.endsWith("svg");
    check(element, isDrawn ? style.fill : style.color, node.textContent);
    const scale = isDrawn ? Math.hypot(element.getScreenCTM().a, element.getScreenCTM().b) : 1;
    const size = parseFloat(style.fontSize) * scale;
    if (size < 10) wrong.push(`${size.toFixed(1)} pixels for "${node.textContent.trim().slice(0, 40)}"`);
  }
  for (const field of document.querySelectorAll("input, textarea")) {
    if (!isSeen(field.getBoundingClientRect())) continue;
    check(field, getComputedStyle(field).color, field.value);
    if (field.placeholder) check(field, getComputedStyle(field, "::placeholder").color, field.placeholder);
  }
  for (const control of document.querySelectorAll("button, input, select, textarea, a[href], summary")) {
    const name = control.textContent.trim() || control.getAttribute("aria-label") || control.title;
    const isNamed = name || control.labels?.length || control.getAttribute("aria-labelledby");
    if (isSeen(control.getBoundingClientRect()) && !isNamed) wrong.push(`no name: ${control.outerHTML.slice(0, 80)}`);
  }
  for (const image of document.querySelectorAll("img:not([alt]), figure svg:not([aria-label])"))
    wrong.push(`no text for ${image.outerHTML.slice(0, 80)}`);
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) wrong.push(`${scrollWidth} pixels wide in a window of ${clientWidth}`);
  return wrong;
}
