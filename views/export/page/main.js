/* Every part is told of every result that has scores, then what the address asks for is shown. */
[...document.querySelectorAll('section.result')].forEach((section, i) => {
  if (!section.querySelector('script.data')) return;
  const r = new Result(section, i);
  for (const part of parts) part(r);
});
takeAddress();
