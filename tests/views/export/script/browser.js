// As much of a browser as the exported page's script asks for: a tree made from the page's text,
// its events, and what the script's selectors find. Anything else that it asks for throws.
'use strict';
const vm = require('node:vm');

class Element {
  constructor(name, attributes = {}) {
    Object.assign(this, {name, attributes, nodes: [], parentNode: null, listeners: {}, style: {}});
    this.classList = {
      add: c => { if (!this.classes().includes(c)) this.className += ' ' + c; },
      remove: c => { this.className = this.classes().filter(x => x !== c).join(' '); },
    };
  }
  classes() { return this.className.split(' ').filter(c => c); }
  get tagName() { return this.name.toUpperCase(); }
  get className() { return this.attributes.class || ''; }
  set className(text) { this.attributes.class = text; }
  get dataset() {
    return Object.fromEntries(Object.entries(this.attributes)
      .filter(([key]) => key.startsWith('data-')).map(([key, value]) => [key.slice(5), value]));
  }
  get children() { return this.nodes.filter(n => n instanceof Element); }
  get firstElementChild() { return this.children[0]; }
  get lastElementChild() { return this.children.at(-1); }
  get textContent() {
    return this.nodes.map(n => n instanceof Element ? n.textContent : n).join('');
  }
  set textContent(text) { this.nodes = [String(text)]; }
  setAttribute(name, value) { this.attributes[name] = value; }
  removeAttribute(name) { delete this.attributes[name]; }
  adopt(nodes) {
    return nodes.map(n => n instanceof Element ? Object.assign(n, {parentNode: this}) : String(n));
  }
  append(...nodes) { this.nodes.push(...this.adopt(nodes)); }
  prepend(...nodes) { this.nodes.unshift(...this.adopt(nodes)); }
  replaceChildren(...nodes) { this.nodes = this.adopt(nodes); }
  cloneNode() {
    const copy = new Element(this.name, {...this.attributes});
    copy.append(...this.nodes.map(n => n instanceof Element ? n.cloneNode() : n));
    return copy;
  }
  all() { return this.children.flatMap(c => [c, ...c.all()]); }
  matches(selector) { // "name", ".class" or "name.class"
    const [name, wanted] = selector.split('.');
    return (!name || name === this.name) && (!wanted || this.classes().includes(wanted));
  }
  querySelectorAll(selector) { return this.all().filter(e => e.matches(selector)); }
  querySelector(selector) { return this.all().find(e => e.matches(selector)) || null; }
  closest(selector) {
    return this.matches(selector) ? this : this.parentNode && this.parentNode.closest(selector);
  }
  contains(other) {
    for (let at = other; at; at = at.parentNode) if (at === this) return true;
    return false;
  }
  // Tables.
  get tHead() { return this.children.find(c => c.name === 'thead'); }
  get tBodies() { return this.children.filter(c => c.name === 'tbody'); }
  get rows() { return this.children.filter(c => c.name === 'tr'); }
  get cells() { return this.children.filter(c => c.name === 'td' || c.name === 'th'); }
  get cellIndex() { return this.parentNode.cells.indexOf(this); }
  get sectionRowIndex() { return this.parentNode.rows.indexOf(this); }
  // Events go up the tree from their target.
  addEventListener(type, listener) { (this.listeners[type] ??= []).push(listener); }
  dispatch(type, more = {}) {
    const event = {target: this, preventDefault() {}, ...more};
    for (let at = this; at; at = at.parentNode)
      for (const listener of at.listeners[type] || []) listener(event);
  }
  focus() { Element.focused = this; this.dispatch('focusin'); }
  getBoundingClientRect() { return {left: 0, top: 0, width: 10, height: 10, bottom: 10}; }
  get offsetWidth() { return 10; }
  get offsetHeight() { return 10; }
}

class Select extends Element {
  get value() {
    return this.chosen === undefined ? this.children[0].attributes.value : this.chosen;
  }
  choose(value) {
    if (!this.children.some(o => o.attributes.value === value)) throw Error(`no choice ${value}`);
    this.chosen = value;
    this.dispatch('change');
  }
}

const alone = ['meta', '!doctype'];
const entities = {amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'"};
const decode = text => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => entities[name]);

// The page's elements. Scripts and styles are text up to their end, as in a browser.
function parse(html) {
  const root = new Element('#document');
  let at = root;
  const pattern = /<(\/?)([!a-z0-9]+)((?:[^>"]|"[^"]*")*)>|([^<]+)/giy;
  for (let match; (match = pattern.exec(html));) {
    const [, slash, tag, rest, text] = match, name = tag && tag.toLowerCase();
    if (text) {
      at.append(decode(text));
    } else if (slash) {
      if (at.name !== name) throw Error(`</${name}> closes <${at.name}>`);
      at = at.parentNode;
    } else {
      const attributes = {};
      for (const [, key, quoted, bare] of rest.matchAll(/([a-z-]+)(?:=(?:"([^"]*)"|(\S+)))?/g))
        attributes[key] = decode(quoted ?? bare ?? '');
      const element = new Element(name, attributes);
      at.append(element);
      if (name === 'script' || name === 'style') {
        const end = html.indexOf(`</${name}>`, pattern.lastIndex);
        element.append(html.slice(pattern.lastIndex, end));
        pattern.lastIndex = end + name.length + 3;
      } else if (!alone.includes(name)) {
        at = element;
      }
    }
    if (pattern.lastIndex === html.length) return root;
  }
  throw Error('the page cannot be read');
}

// A page with its script run. `change` gets the script's text before that.
exports.open = (html, change = text => text) => {
  const root = parse(html), script = root.querySelectorAll('script').at(-1).textContent;
  const document = {
    getElementById: id => root.all().find(e => e.attributes.id === id),
    querySelectorAll: selector => root.querySelectorAll(selector),
    createElement: name => name === 'select' ? new Select(name) : new Element(name),
  };
  const Option = function (text, value) {
    const option = new Element('option', {value: String(value)});
    option.append(text);
    return option;
  };
  const window = {document, Option, atob, addEventListener() {}, innerWidth: 800};
  const context = vm.createContext(window);
  // A cell's value is read as the page shows it, but with all of its digits.
  vm.runInContext('Number.prototype.toPrecision = function () { return String(+this); }', context);
  vm.runInContext(change(script), context);
  return {root, tip: document.getElementById('tip'), focused: () => Element.focused};
};
