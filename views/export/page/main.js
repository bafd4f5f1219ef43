/* Every part is told of every result that has scores. */
for (const section of document.querySelectorAll('section.result')) {
  const r = resultOf(section);
  if (r) for (const part of parts) part(r);
}
