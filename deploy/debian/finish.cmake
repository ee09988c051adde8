# Runs behind CPack: its package of debug symbols lists files by where they were built and has no documentation, which
# Debian's tools refuse. The symbols are packed again as debhelper packs them.
foreach(file ${CPACK_PACKAGE_FILES})
  if(file MATCHES "\\.ddeb$")
    execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/pack-dbgsym ${file} COMMAND_ERROR_IS_FATAL ANY)
  endif()
endforeach()
