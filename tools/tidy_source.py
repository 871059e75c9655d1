"""A C++ file as tools/tidy.py sees it: comments set apart, braces understood, nothing more.

This is no compiler. It knows enough of C++ to find functions, their parameters and nesting, and
the statements at namespace and class scope; what it does not understand it leaves alone.
"""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r'(?P<raw>(?:u8|[uUL])?R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)")'
    r'|(?P<line>//[^\n]*)|(?P<block>/\*.*?\*/)'
    r'|(?P<number>\b\d[\w.\']*)'  # Digits first: the ' of 8'192 opens no character.
    r'|(?P<text>"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')', re.S)
PREPROCESSOR = re.compile(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', re.M)
EXCEPTION = re.compile(r'RULE-EXCEPTION\(([\w-]*)\)(?::\s*(\S.*))?')
LABELS = re.compile(r'^\s*(?:(?:(public|private|protected)|case\b[^;{}?]*?|default)\s*(?<!:):(?!:)\s*)+')
ATTRIBUTE = re.compile(r'\[\[.*?\]\]|\b(?:alignas|decltype|noexcept|explicit)\s*\([^()]*(?:\([^()]*\))?[^()]*\)')
TYPE = re.compile(r'(?:\w+\s+)*?\b(enum(?:\s+(?:class|struct))?|class|struct|union)\b\s*([\w:]*)'
                  r'\s*(?:<.*>)?\s*(?:final\s*)?(?::.*)?$', re.S)
CONTROL = re.compile(r'^(?:else\s+)?(?:if|for|while|switch|catch)\b(?:\s*constexpr)?\s*')
LAMBDA = re.compile(r'\[[^\[\]]*\]\s*(?:<[^<>]*>)?\s*(\((?:[^()]|\([^()]*\))*\))?'
                    r'\s*(?:mutable\b|noexcept\b|constexpr\b|->\s*[\w:<>&*, ]+|\s)*$')
FUNCTION_NAME = re.compile(r'([\w:~<>]*operator\s*(?:\(\s*\)|[^\w\s(]+|[\w:\s*&]+?)|[\w:~]+)\s*\(')
CONSTRUCTOR_COLON = re.compile(r'\)\s*(?:noexcept)?\s*(?<!:):(?!:)')


@dataclass
class Scope:
    """An open brace: what it opens, and the text before it."""
    kind: str  # namespace, class, enum, function, block, lambda or init
    head: str
    head_line: int
    open_line: int
    name: str = ''
    access: str = ''
    parameters: int = 0
    close_line: int = 0
    nesting: int = 0  # Of a function: the deepest block inside it,
    nesting_line: int = 0  # and where that is.
    outer: str = ''  # The name of the class round a function.
    outer_kind: str = 'namespace'
    saved: tuple = ()


@dataclass
class Statement:
    """Something that ends with ';' at namespace or class scope."""
    text: str
    line: int
    scope: str
    access: str


@dataclass
class Source:
    path: str
    raw: list = field(default_factory=list)  # Lines as written.
    code: str = ''  # The same text; comments, literals and preprocessor lines are blanks.
    lines: list = field(default_factory=list)  # `code` by lines.
    comments: list = field(default_factory=list)  # (line, text of one // comment)
    in_raw_string: set = field(default_factory=set)
    exceptions: dict = field(default_factory=dict)  # line -> [(rule, why)]
    scopes: list = field(default_factory=list)  # Functions, lambdas, classes, enums.
    statements: list = field(default_factory=list)

    @property
    def hot(self):
        return bool(self.raw) and self.raw[0].strip() == '// HOT: runs once per datagram.'

    def excused(self, rule, line):
        """True if the line, or the comment right above it, writes an exception to `rule`."""
        at = line
        while True:
            if any(name == rule and why for name, why in self.exceptions.get(at, [])):
                return True
            at -= 1
            if at < 1 or not self.raw[at - 1].lstrip().startswith('//'):
                return False


def blank(text):
    return re.sub(r'[^\n]', ' ', text)


def read_source(path, text):
    source = Source(path, text.split('\n'))
    if source.raw and source.raw[-1] == '':
        source.raw.pop()

    def cut(match):
        line = text.count('\n', 0, match.start()) + 1
        if match['line'] or match['block']:
            source.comments.append((line, match.group()))
        elif match['number']:
            return match.group()
        elif match['raw']:
            source.in_raw_string.update(range(line, line + match.group().count('\n') + 1))
        if match['text']:
            return match.group()[0] + ' ' * (len(match.group()) - 2) + match.group()[0]
        return blank(match.group())

    source.code = PREPROCESSOR.sub(lambda match: blank(match.group()), TOKEN.sub(cut, text))
    source.lines = source.code.split('\n')
    for line, comment in source.comments:
        for offset, part in enumerate(comment.split('\n')):
            found = EXCEPTION.findall(part)
            if found:
                source.exceptions[line + offset] = found
    Walker(source).run()
    return source


def parameters_of(text):
    """The number of parameters in '(…)', commas inside brackets of any kind not counted."""
    text = text.strip()[1:-1].replace('->', '  ').strip()
    if text in ('', 'void'):
        return 0
    depth = 0
    count = 1
    for c in text:
        depth += (c in '<([{') - (c in '>)]}')
        count += c == ',' and depth == 0
    return count


def group_end(text, begin):
    """One past the ')' that closes the '(' at `begin`; the end of the text if none does."""
    depth = 0
    for at in range(begin, len(text)):
        depth += (text[at] == '(') - (text[at] == ')')
        if depth == 0:
            return at + 1
    return len(text)


def without_template(text):
    """The head without its leading template<…> lists."""
    while (match := re.match(r'\s*template\s*<', text)):
        depth = 1
        at = match.end()
        while at < len(text) and depth:
            depth += (text[at] == '<') - (text[at] == '>' and text[at - 1] != '-')
            at += 1
        text = text[at:]
    return text.strip()


def is_control(text):
    if text in ('', 'do', 'else', 'try') or re.match(r'(else\s+)?if\s*!?\s*consteval$', text):
        return True
    match = CONTROL.match(text)
    return bool(match) and text[match.end():match.end() + 1] == '(' and (
        group_end(text, match.end()) == len(text))


class Walker:
    """Goes once through the braces of a source and fills its scopes and statements."""

    def __init__(self, source):
        self.source = source
        self.stack = [Scope('namespace', '', 0, 0)]
        self.start()

    def start(self):
        self.head, self.head_at, self.parens = '', -1, 0

    def line(self, at):
        return self.source.code.count('\n', 0, max(at, 0)) + 1

    def add(self, piece, at):
        if self.head_at < 0 and piece.strip():
            self.head_at = at + len(piece) - len(piece.lstrip())
            piece = piece.lstrip()
        if self.head_at >= 0:
            self.head += piece

    def run(self):
        code, last = self.source.code, 0
        for match in re.finditer(r'[{}();]', code):
            at = match.start()
            self.add(code[last:at], last)
            last = at + 1
            if match.group() in '()':
                self.add(match.group(), at)
                self.parens += 1 if match.group() == '(' else -1
            elif match.group() == '{':
                self.open(at)
            elif match.group() == '}':
                self.close(at)
            elif self.parens == 0:
                self.end_statement()
            else:
                self.add(';', at)

    def take_labels(self):
        """The head without 'private:' or 'case x:' before it, and the place where it begins."""
        match = LABELS.match(self.head)
        if not match:
            return self.head.strip(), self.head_at
        if match[1] and self.stack[-1].kind == 'class':
            self.stack[-1].access = match[1]
        rest = self.head[match.end():]
        return rest.strip(), self.head_at + match.end()

    def open(self, at):
        head, head_at = self.take_labels()
        scope = self.classify(without_template(ATTRIBUTE.sub(' ', head)))
        scope.head, scope.open_line = head, self.line(at)
        scope.head_line = self.line(head_at) if head else scope.open_line
        scope.outer, scope.outer_kind = self.stack[-1].name, self.stack[-1].kind
        scope.saved = (self.head, self.head_at, self.parens)
        self.stack.append(scope)
        if scope.kind in ('function', 'lambda', 'class', 'enum'):
            self.source.scopes.append(scope)
        if scope.kind in ('block', 'lambda'):
            self.note_nesting(scope.open_line)
        self.start()

    def note_nesting(self, line):
        depth = 0
        for scope in reversed(self.stack):
            if scope.kind in ('function', 'namespace', 'class'):
                break
            depth += scope.kind in ('block', 'lambda')
        if scope.kind == 'function' and depth > scope.nesting:
            scope.nesting, scope.nesting_line = depth, line

    def close(self, at):
        if len(self.stack) == 1:
            return
        if self.stack[-1].kind == 'enum':
            self.stack[-1].head += '{' + self.head  # The last enumerators have no ';'.
        scope = self.stack.pop()
        scope.close_line = self.line(at)
        if scope.kind in ('init', 'lambda'):
            self.head, self.head_at, self.parens = scope.saved
            self.add('{}', at)
        else:
            self.start()

    def end_statement(self):
        text, begin = self.take_labels()
        scope = self.stack[-1]
        if text and scope.kind in ('namespace', 'class'):
            self.source.statements.append(Statement(text, self.line(begin), scope.kind, scope.access))
        self.start()

    def classify(self, text):
        """What the brace after `text` opens."""
        outer = self.stack[-1].kind
        found = LAMBDA.search(text)
        before = text[:found.start()].rstrip() if found else ''
        if found and (before.endswith('return') or not re.search(r'[\w\])]$', before)):
            return Scope('lambda', '', 0, 0, parameters=parameters_of(found[1] or '()'))
        if outer == 'init' or self.parens > 0:
            return Scope('init', '', 0, 0)
        kind = TYPE.match(text)
        if kind and '(' not in text and '=' not in text:
            access = 'private' if kind[1] == 'class' else 'public'
            return Scope('enum' if kind[1].startswith('enum') else 'class', '', 0, 0, kind[2], access)
        if outer in ('function', 'block', 'lambda'):
            return Scope('block' if is_control(text) else 'init', '', 0, 0)
        if re.match(r'(?:inline\s+)?namespace\b|extern\b\s*"', text):
            return Scope('namespace', '', 0, 0)
        return self.classify_function(text)

    def classify_function(self, text):
        name = FUNCTION_NAME.search(text)
        if not name or '=' in re.sub(r'operator\s*[^\w\s(]+', '', text[:name.end()]):
            return Scope('init', '', 0, 0)
        end = group_end(text, name.end() - 1)
        if CONSTRUCTOR_COLON.search(text[end - 1:]) and re.search(r'[\w>]$', text):
            return Scope('init', '', 0, 0)  # A member's initialiser, not yet the body.
        count = parameters_of(text[name.end() - 1:end])
        return Scope('function', '', 0, 0, name[1].strip(), '', count)
