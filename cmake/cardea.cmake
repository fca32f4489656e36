# cardea_module(): one call makes a module's library and its tests, with the warnings, the language
# level and the precompiled header that all of them share.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3 REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libxcrypt REQUIRED IMPORTED_TARGET libxcrypt)
pkg_check_modules(libidn2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
if(CARDEA_TESTS)
    find_package(GTest REQUIRED)
    include(GoogleTest)
    include(CTest)
endif()

add_library(cardea_options INTERFACE)
target_include_directories(cardea_options INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src> $<INSTALL_INTERFACE:include>)
target_compile_features(cardea_options INTERFACE cxx_std_23)
target_compile_definitions(cardea_options INTERFACE
    BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_REGEX CARDEA_VERSION="${PROJECT_VERSION}"
    # A precompiled header is used only where the macros are those it was made with.
    $<TARGET_PROPERTY:Boost::json,INTERFACE_COMPILE_DEFINITIONS>
    $<TARGET_PROPERTY:Boost::url,INTERFACE_COMPILE_DEFINITIONS>
    $<TARGET_PROPERTY:Boost::container,INTERFACE_COMPILE_DEFINITIONS>)
target_link_libraries(cardea_options INTERFACE Threads::Threads fmt::fmt)

# Boost and the standard library are parsed once for the whole tree, not once a file.
file(WRITE ${CMAKE_BINARY_DIR}/pch.cpp "")
add_library(cardea_pch STATIC ${CMAKE_BINARY_DIR}/pch.cpp)
target_link_libraries(cardea_pch PUBLIC cardea_options Boost::json)
target_precompile_headers(cardea_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.hpp)

# cardea_module(NAME HEADERS … [SOURCES …] [TESTS …] [USES module …] [LINKS library …] [NEEDS library …])
#   NAME     folder below src/cardea; `http/server` becomes the target cardea_http_server
#   USES     other modules whose headers stand in this module's headers or sources
#   LINKS    foreign libraries used by the sources alone
#   NEEDS    foreign libraries whose headers stand in this module's headers
#   TESTS    x_test.cpp files beside the sources; they become one program, NAME_test
function(cardea_module name)
    cmake_parse_arguments(arg "" "" "HEADERS;SOURCES;TESTS;USES;LINKS;NEEDS;TEST_LINKS" ${ARGN})
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "cardea_module(${name}): unknown words ${arg_UNPARSED_ARGUMENTS}")
    endif()
    string(REPLACE "/" "_" target "cardea_${name}")
    set(uses)
    foreach(module IN LISTS arg_USES)
        string(REPLACE "/" "_" module "cardea_${module}")
        list(APPEND uses ${module})
    endforeach()
    if(arg_SOURCES)
        add_library(${target} STATIC ${arg_SOURCES})
        target_link_libraries(${target} PUBLIC cardea_options ${uses} ${arg_NEEDS} PRIVATE ${arg_LINKS})
        target_sources(${target} PUBLIC FILE_SET HEADERS
            BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${arg_HEADERS})
        target_precompile_headers(${target} REUSE_FROM cardea_pch)
    else()
        add_library(${target} INTERFACE)
        target_link_libraries(${target} INTERFACE cardea_options ${uses} ${arg_NEEDS})
        target_sources(${target} INTERFACE FILE_SET HEADERS
            BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${arg_HEADERS})
    endif()
    string(REPLACE "cardea_" "cardea::" alias ${target})
    add_library(${alias} ALIAS ${target})
    if(CARDEA_TESTS AND arg_TESTS)
        string(REPLACE "/" "_" test "${name}_test")
        cardea_test(${test} SOURCES ${arg_TESTS} LINKS ${target} ${arg_TEST_LINKS})
    endif()
endfunction()

# cardea_test(NAME SOURCES … [LINKS …]): a GoogleTest program; each of its tests is a ctest test.
function(cardea_test name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
    add_executable(${name} ${arg_SOURCES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PRIVATE ${arg_LINKS} GTest::gmock_main)
    target_compile_definitions(${name} PRIVATE
        CARDEA_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
        CARDEA_VECTORS_DIR="${PROJECT_SOURCE_DIR}/../shared/vectors")
    target_precompile_headers(${name} REUSE_FROM cardea_pch)
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}." PROPERTIES TIMEOUT 300)
endfunction()
