# Makes a C source that holds the text of files, one after the other: cmake "-DIN=a.js|b.js"
# -DOUT=page_js.c -DNAME=html_script "-DJOINT= " -DSCRIPT=ON -P embed.cmake. The comment at a file's
# beginning is left out, and a line that starts with eight or more spaces is joined to the one
# before it, JOINT between them: sources stay readable, pages small. A script is put into a function
# of its own.
string(REPLACE "|" ";" files "${IN}")
set(text "")
foreach(file IN LISTS files)
  file(READ ${file} part)
  string(REGEX REPLACE "^/\\*([^*]|\\*[^/])*\\*/\n" "" part "${part}")
  string(APPEND text "${part}")
endforeach()
if(text MATCHES "(//[^\n]*)\n        ")
  message(FATAL_ERROR "the line after \"${CMAKE_MATCH_1}\" would become part of that comment")
endif()
string(REGEX REPLACE "\n        +" "${JOINT}" text "${text}")
if(SCRIPT)
  set(text "'use strict';\n(() => {\n${text}})();\n")
endif()
string(HEX "${text}" bytes)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REPLACE "0x0a," "0x0a,\n" bytes "${bytes}")
file(WRITE ${OUT} "extern const char ${NAME}[];\nconst char ${NAME}[] = {\n${bytes}0};\n")
