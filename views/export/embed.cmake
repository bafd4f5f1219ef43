# Makes a C source that holds a text file: cmake -DIN=page.js -DOUT=page_js.c -DNAME=html_script
# "-DJOINT= " -P embed.cmake. The comment at the file's beginning is left out, and a line that starts
# with eight or more spaces is joined to the one before it, JOINT between them: sources stay readable,
# pages small.
file(READ ${IN} text)
string(REGEX REPLACE "^/\\*([^*]|\\*[^/])*\\*/\n" "" text "${text}")
string(REGEX REPLACE "\n        +" "${JOINT}" text "${text}")
string(HEX "${text}" bytes)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REPLACE "0x0a," "0x0a,\n" bytes "${bytes}")
file(WRITE ${OUT} "extern const char ${NAME}[];\nconst char ${NAME}[] = {\n${bytes}0};\n")
