;;; Org files as Org itself reads them: `emacs -Q --batch -l consumers.el FILE...` prints for each file a line of JSON.  -*- lexical-binding: t -*-
(require 'org)
(require 'org-lint)
(require 'org-element)
(require 'json)

(defun entry-facts ()
  (list :keyword (org-get-todo-state)
        :text (replace-regexp-in-string "\u200b" "" (or (org-element-property :raw-value (org-element-at-point)) ""))
        :tags (vconcat (org-get-tags nil t))
        :level (org-current-level)
        :comment (if (org-in-commented-heading-p t) t :json-false)
        :priority (if (org-element-property :priority (org-element-at-point)) t :json-false)
        :closed (org-entry-get nil "CLOSED")
        :id (org-entry-get nil "ID")
        :line (org-entry-get nil "LINE")
        :claimed (org-entry-get nil "CLAIMED")))

(defun read-org (file)
  (with-temp-buffer
    (insert-file-contents file)
    (let ((org-inhibit-startup t) before)
      (org-mode)
      (setq before (buffer-string))
      (org-update-statistics-cookies t)
      (list :file file
            :cookies-hold (if (string= before (buffer-string)) t :json-false)
            :lint (vconcat (mapcar (lambda (finding) (format "%s" (aref (cadr finding) 2))) (org-lint)))
            :entries (vconcat (org-map-entries #'entry-facts))))))

(let ((inhibit-message t))
  (dolist (file command-line-args-left)
    (princ (concat (json-encode (read-org file)) "\n"))))
(setq command-line-args-left nil)
