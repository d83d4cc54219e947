# Prints one line "PATH<TAB>VALUE" for each scalar of the JSON document on standard input:
#   .uuid             83679162-1378-4288-a2d4-70e13ec132aa
#   .public_keys.one  ssh-ed25519 AAAA... someone
#   .keys.0.type      ssh
# Line breaks inside strings become spaces; \u sequences stay as they are.

function take(    token) {
    sub(/^[ \t\r]+/, "", text)
    if (!match(text, /^"([^"\\]|\\.)*"/) && !match(text, /^[^][{}:," \t\r]+/))
        RLENGTH = 1
    token = substr(text, 1, RLENGTH)
    text = substr(text, RLENGTH + 1)
    return token
}

function unquote(token) {
    if (token !~ /^"/)
        return token
    token = substr(token, 2, length(token) - 2)
    gsub(/\\[nrt]/, " ", token)
    gsub(/\\"/, "\"", token)
    gsub(/\\\//, "/", token)
    gsub(/\\\\/, "\\", token)
    return token
}

function flatten(path,    token, key, n) {
    token = take()
    if (token == "{") {
        while ((token = take()) != "}" && token != "") {
            if (token == ",")
                continue
            key = unquote(token)
            take() # the colon
            flatten(path "." key)
        }
    } else if (token == "[") {
        n = 0
        while ((token = take()) != "]" && token != "") {
            if (token == ",")
                continue
            text = token text
            flatten(path "." n++)
        }
    } else
        print path "\t" unquote(token)
}

{ text = text $0 " " }
END { flatten("") }
