# The Debian package: `cmake --build --preset release --target package` writes chainmend_VERSION_ARCH.deb and its
# -dbgsym beside it. With SOURCE_DATE_EPOCH set, two builds write the same bytes. What only the package has is the
# component `package`; `cmake --install` leaves it out.
set(texts ${PROJECT_BINARY_DIR}/texts)
set(completions bash zsh fish)

configure_file(${PROJECT_SOURCE_DIR}/deploy/debian/changelog.in ${texts}/changelog.Debian @ONLY)
# What the program says of itself, and what Debian wants compressed.
set(written "")
foreach(shell ${completions})
  add_custom_command(OUTPUT ${texts}/completion.${shell}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${texts}
    COMMAND chainmend help --completion ${shell} > ${texts}/completion.${shell}
    DEPENDS chainmend VERBATIM)
  list(APPEND written ${texts}/completion.${shell})
endforeach()
add_custom_command(OUTPUT ${texts}/chainmend.yaml
  COMMAND ${CMAKE_COMMAND} -E make_directory ${texts}
  COMMAND chainmend config > ${texts}/chainmend.yaml
  DEPENDS chainmend VERBATIM)
add_custom_command(OUTPUT ${texts}/man.stamp
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${texts}/man
  COMMAND chainmend help --man-pages ${texts}/man
  COMMAND ${CMAKE_COMMAND} -E touch ${texts}/man.stamp
  DEPENDS chainmend VERBATIM)
add_custom_command(OUTPUT ${texts}/gz.stamp
  COMMAND ${PROJECT_SOURCE_DIR}/deploy/debian/compress
          ${texts}/man ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${texts}/changelog.Debian ${texts}/gz
  COMMAND ${CMAKE_COMMAND} -E touch ${texts}/gz.stamp
  DEPENDS ${texts}/man.stamp ${texts}/changelog.Debian ${PROJECT_SOURCE_DIR}/CHANGELOG.md
          ${PROJECT_SOURCE_DIR}/deploy/debian/compress
  VERBATIM)
add_custom_target(texts ALL DEPENDS ${written} ${texts}/chainmend.yaml ${texts}/man.stamp ${texts}/gz.stamp)

include(GNUInstallDirs)
install(TARGETS chainmend RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(DIRECTORY ${texts}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT manual
  FILES_MATCHING PATTERN *.1)
install(DIRECTORY ${texts}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT manual
  FILES_MATCHING PATTERN *.5)

# package_file(FILE FOLDER [NAME]) installs one file with the package alone.
function(package_file file folder)
  cmake_path(IS_ABSOLUTE file is_made)
  if(NOT is_made)
    set(file ${PROJECT_SOURCE_DIR}/${file})
  endif()
  set(name ${ARGN})
  if(NOT name)
    cmake_path(GET file FILENAME name)
  endif()
  install(FILES ${file} DESTINATION ${folder} RENAME ${name} COMPONENT package EXCLUDE_FROM_ALL)
endfunction()

install(DIRECTORY ${texts}/gz/ DESTINATION share COMPONENT package EXCLUDE_FROM_ALL)
package_file(${texts}/completion.bash share/bash-completion/completions chainmend)
package_file(${texts}/completion.zsh share/zsh/vendor-completions _chainmend)
package_file(${texts}/completion.fish share/fish/vendor_completions.d chainmend.fish)
package_file(${texts}/chainmend.yaml share/doc/chainmend/examples)
package_file(deploy/examples/quickstart.yaml share/doc/chainmend/examples)
package_file(deploy/debian/copyright share/doc/chainmend)
package_file(deploy/debian/lintian-overrides share/lintian/overrides chainmend)
package_file(deploy/debian/chainmend.yaml /etc/chainmend)
package_file(deploy/debian/logrotate /etc/logrotate.d chainmend)
package_file(deploy/systemd/chainmend.service lib/systemd/system)
package_file(deploy/systemd/chainmend.socket lib/systemd/system)
package_file(deploy/systemd/sysusers.conf lib/sysusers.d chainmend.conf)
package_file(deploy/systemd/tmpfiles.conf lib/tmpfiles.d chainmend.conf)
package_file(deploy/prometheus/chainmend.rules.yaml share/chainmend/prometheus)
package_file(deploy/prometheus/scrape.yaml share/chainmend/prometheus)
package_file(deploy/prometheus/scrape-measure.yaml share/chainmend/prometheus)
package_file(deploy/grafana/chainmend.json share/chainmend/grafana)

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)  # some files belong into /etc
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_CMAKE_PROJECTS
  "${PROJECT_BINARY_DIR};chainmend;program;/;${PROJECT_BINARY_DIR};chainmend;package;/")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_NAME chainmend)
set(CPACK_PACKAGE_VENDOR "chainmend")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "chainmend maintainers <maintainers@chainmend.invalid>")
set(CPACK_DEBIAN_PACKAGE_SECTION httpd)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "TLS reverse proxy that repairs certificate chains")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Terminates TLS before web and mail servers and finds the intermediate
certificates that their lists lack, in files and where certificates name
them, so that old phones and strict clients accept the connection.
.
It also says who fails and why, looks at the servers of others, and explains
the error codes that clients show.")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, logrotate")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${PROJECT_SOURCE_DIR}/deploy/debian/postinst
  ${PROJECT_SOURCE_DIR}/deploy/debian/prerm
  ${PROJECT_SOURCE_DIR}/deploy/debian/postrm
  ${PROJECT_SOURCE_DIR}/deploy/debian/conffiles)
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)
set(CPACK_POST_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/deploy/debian/finish.cmake)
include(CPack)
