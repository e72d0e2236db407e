"""What a person does in Thunderbird's windows: the account hub, the mail tab, the window for writing."""

from __future__ import annotations

from tests.clients.marionette import Element, Marionette, MarionetteError, patiently

# How long a click is waited for before the next one; far from a double click.
CLICK_S = 10.0
MAIN = "chrome://messenger/content/messenger.xhtml"
COMPOSE = "chrome://messenger/content/messengercompose/messengercompose.xhtml"
HUB = "const hub = document.querySelector('account-hub-container').shadowRoot;"
PANE = "const pane = document.getElementById('tabmail').currentAbout3Pane, doc = pane.document;"
# Parts of the dialog have documents inside documents.
DEEP = """
    const deep = (root, selector) => root.querySelector(selector)
        ?? [...root.querySelectorAll('*')].filter(one => one.shadowRoot)
            .map(one => deep(one.shadowRoot, selector)).find(one => one);
"""
HOW = """
    const found = hub.querySelector('email-config-found').shadowRoot;
    return deep(found, '[data-l10n-id^="account-hub-config-success-description-"]')?.dataset.l10nId;
"""
# The row of the list of messages with these words; hidden rows are there too, without words.
ROW = "const row = [...doc.querySelectorAll('#threadTree tbody tr')].find(one => one.innerText.includes(arguments[0]));"
# The middle of it, in pixels of the window; the tab has a document of its own.
MIDDLE = """
    const frame = document.getElementById('tabmail').currentTabInfo.chromeBrowser.getBoundingClientRect();
    const at = row.getBoundingClientRect();
    return at.width && [frame.x + at.x + at.width / 2, frame.y + at.y + at.height / 2];
"""


def trust(driver: Marionette, authority: str) -> None:
    """What an office's administrator does beforehand: its machines trust this authority (PEM) for servers."""
    driver.run(
        "Cc['@mozilla.org/security/x509certdb;1'].getService(Ci.nsIX509CertDB)"
        ".addCertFromBase64(arguments[0].split('-----')[2].replace(/\\s/g, ''), 'C,,');",
        authority,
    )


class Hub:
    """The dialog that opens by itself where there is no account yet."""

    def __init__(self, driver: Marionette) -> None:
        self.driver = driver

    def see(self, selector: str) -> Element:
        """The visible part of the dialog; waits for it."""
        script = HUB + "const found = hub.querySelector(arguments[0]); return found?.checkVisibility() && found;"
        found: Element = self.driver.until(script, selector)
        return found

    def fill(self, selector: str, text: str) -> None:
        field = self.see(selector)
        self.driver.clear(field)
        self.driver.type(field, text)

    def go_on(self) -> None:
        self.driver.click(self.see("#forward:enabled"))

    def found(self) -> tuple[str, str]:
        """How the settings were found (the id of the sentence that says it), and what the dialog shows of them."""
        self.see("email-config-found:not([hidden])")
        sentence = self.driver.until(HUB + DEEP + HOW)
        shown = self.driver.run(HUB + "return hub.querySelector('email-config-found').innerText")
        return str(sentence), str(shown)


class MailTab:
    """Folders on the left, messages in the middle, the open message on the right."""

    def __init__(self, driver: Marionette) -> None:
        self.driver = driver

    def folders(self) -> dict[str, str]:
        """Path at the server → the use Thunderbird makes of it, or the name it shows if it is one like any other."""
        rows = "[...doc.querySelectorAll('#folderTree li')].filter(one => one.uri?.startsWith('imap:'))"
        shown = (
            "[one.uri.split('/').slice(3).join('/'), one.dataset.folderType ?? one.querySelector('.name').textContent]"
        )
        found: list[tuple[str, str]] = self.driver.run(PANE + f"return {rows}.map(one => {shown})")
        return {path: shown for path, shown in found if path}

    def open_inbox(self) -> None:
        find = "doc.querySelector('#folderTree li[data-folder-type=inbox] .name')"
        self.driver.until(PANE + f"{find}.click(); return pane.gFolder.URI.endsWith('/INBOX')")

    def see(self, subject: str) -> str:
        """The row of the message, as it is read out; waits for it."""
        return str(self.driver.until(PANE + ROW + "return row.getAttribute('aria-label')", subject))

    def gone(self, subject: str) -> None:
        """Wait until the message is not in the list any more, and another one is chosen, or none."""
        self.driver.until(PANE + ROW + "return !row", subject)

    def open_message(self, subject: str) -> str:
        """Click on it; its text as it is shown, when it is.

        A folder that is just being opened may drop what has been chosen meanwhile: then it is chosen once more.
        """
        content = "pane.messageBrowser.contentWindow.getMessagePaneBrowser().contentDocument"
        title = "pane.messageBrowser.contentDocument.getElementById('expandedsubjectBox').textContent"
        shown = PANE + f"return {title}.includes(arguments[0]) && {content}.body.innerText"

        def opened() -> str:
            self.driver.run(PANE + "pane.threadTree.selectedIndex = -1")
            self.driver.press(*self.driver.run(PANE + ROW + MIDDLE, subject))
            return str(patiently(lambda: self.driver.run(shown, subject), subject, within=CLICK_S))

        return str(patiently(opened, subject))

    def command(self, name: str) -> None:
        """What a key or a menu item does to the open message."""
        self.driver.run("goDoCommand(arguments[0])", name)

    def move(self, *path: str) -> None:
        """The open message, as the menu "Move To" does."""
        target = (
            "let folder = pane.gFolder.rootFolder; for (const name of arguments) folder = folder.getChildNamed(name);"
        )
        self.driver.run(PANE + target + "pane.commandController.doCommand('cmd_moveMessage', folder)", *path)

    def write(self, to: str, subject: str, text: str) -> None:
        """A new message, in its own window, and send it."""
        driver = self.driver
        main = driver.window(MAIN)
        driver.run(PANE + "doc.getElementById('folderPaneWriteMessage').click()")
        driver.window(COMPOSE)
        # It has put itself in order when it waits for an address.
        address = driver.until(
            "return gMsgCompose.editor && document.activeElement.id == 'toAddrInput' && document.activeElement"
        )
        driver.type(address, to)
        # An address is taken when its field is left.
        driver.type(driver.run("return document.getElementById('msgSubject')"), subject)
        driver.until(
            "return document.querySelector('#toAddrContainer mail-address-pill').emailAddress == arguments[0]", to
        )
        typed = "const page = document.getElementById('messageEditor').contentDocument; page.body.focus();"
        driver.run(typed + "page.execCommand('insertText', false, arguments[0])", text)
        driver.click(driver.until("return document.querySelector('#button-send:not([disabled])')"))
        patiently(lambda: _only(driver, main), "the message is sent")
        driver.switch(main)


def _only(driver: Marionette, window: str) -> bool:
    try:
        return bool(driver.command("WebDriver:GetWindowHandles") == [window])
    except MarionetteError:
        return False
